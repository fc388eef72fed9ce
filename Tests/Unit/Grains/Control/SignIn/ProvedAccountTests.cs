using AMA.Archive.Access;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.SignIn;

/// <summary>What was proved a moment ago is worth nothing once the account is another.</summary>
public sealed class ProvedAccountTests
{
    private static readonly Guid Tenant = new(1, 2, 3, new byte[8]);
    private static readonly Account Eve = new("eve", AccessRole.Auditor, [], [1], [1, 2, 3], default);
    private static readonly ProvedAccount Proved = new(
        AuditAct.SignIn, Tenant, "acme", SecondFactorRule.ByRole, Eve, new("eve", "right"), []);

    [Fact]
    public void Threat_33_AccountThatChangedMeanwhile_OpensNoSession()
    {
        Account?[] changed =
        [
            null, Eve with { Disabled = true }, Eve with { Role = AccessRole.User }, Eve with { Hash = [1, 2, 4] },
        ];
        Assert.All(changed, now => Assert.False(Proved.Holds(new(Tenant, SecondFactorRule.ByRole, now))));
    }

    [Fact]
    public void SameAccount_Opens_AlsoWithACodeUsedUpSince() => Assert.True(Proved.Holds(
        new(Tenant, SecondFactorRule.ByRole, Eve with { RecoveryHashes = [[1]], Hash = [1, 2, 3] })));

    [Fact]
    public void AnotherTenantOfThatName_OpensNone() =>
        Assert.False(Proved.Holds(new(Guid.Empty, SecondFactorRule.ByRole, Eve)));
}
