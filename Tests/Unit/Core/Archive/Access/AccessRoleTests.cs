using AMA.Archive.Access;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Access;

public sealed class AccessRoleTests
{
    [Theory]
    [InlineData(AccessRole.User, "user")]
    [InlineData(AccessRole.Auditor, "auditor")]
    [InlineData(AccessRole.TenantAdmin, "tenant-admin")]
    [InlineData(AccessRole.SecurityOfficerTenant, "security-officer-tenant")]
    [InlineData(AccessRole.SecurityOfficerProvider, "security-officer-provider")]
    [InlineData(AccessRole.Operator, "operator")]
    public void Text_IsFixed_AndReadsBack(AccessRole role, string text)
    {
        Assert.Equal(text, role.Text());
        Assert.True(AccessRoles.TryParse(text, out var read));
        Assert.Equal(role, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Auditor")]
    [InlineData("0")]
    [InlineData("security-officer")]
    public void AnythingElse_IsNoRole(string? text) => Assert.False(AccessRoles.TryParse(text, out _));

    [Fact]
    public void NoTenantHasOperators() => Assert.DoesNotContain(AccessRole.Operator, AccessRoles.OfTenants);
}
