using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;

namespace AMA.Tests.Unit.Gateway.Web;

/// <summary>Tokens as Control makes them, under a key nobody checks here.</summary>
internal static class Tokens
{
    public static string Session(Guid? tenant)
    {
        using var seed = Secret.Copy(new byte[SignedDocument.SeedBytes]);
        var issued = new DateTimeOffset(2026, 12, 1, 9, 0, 0, TimeSpan.Zero);
        return new AccessGrant(new("77777777777777777777777777777777"), tenant, tenant is null ? "" : "acme", "eve",
            tenant is null ? AccessRole.Operator : AccessRole.Auditor, ["eve@acme.test"],
            issued, issued.AddHours(8), Region.Eu).Sign(seed);
    }
}
