using System.Diagnostics.CodeAnalysis;
using AMA.Archive.Access;
using AMA.Archive.Ids;

namespace AMA.Adapters.Hosting.Identity;

/// <summary>Whom Control says to believe, as it signed it.</summary>
public sealed record KnownTrust(byte[] Signed, TrustDocument Document)
{
    /// <param name="signingKeys">Those that are believed until now.</param>
    public static bool TryRead(
        byte[] signed, byte[] signingKeys, Region region, [NotNullWhen(true)] out KnownTrust? trust)
    {
        trust = TrustDocument.TryVerify(signed, signingKeys, out var document) && document.Region == region
            ? new(signed, document)
            : null;
        return trust is not null;
    }
}
