using AMA.Archive.Access;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.SignIn;

public sealed class UserRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly Actor Anna = new("anna", AccessRole.TenantAdmin);
    private static readonly Actor Ben = new("ben", AccessRole.TenantAdmin);

    private static readonly AccountsState State = new()
    {
        Users =
        [
            Account("anna", AccessRole.TenantAdmin), Account("ben", AccessRole.TenantAdmin),
            Account("eve", AccessRole.User), Account("otto", AccessRole.SecurityOfficerTenant),
            Account("petra", AccessRole.SecurityOfficerProvider),
        ],
    };

    [Theory]
    [InlineData(AccessRole.User)]
    [InlineData(AccessRole.Auditor)]
    [InlineData(AccessRole.TenantAdmin)]
    [InlineData(AccessRole.SecurityOfficerTenant)]
    public void Operator_MakesNobody_OnceTheTenantIsOnItsOwn(AccessRole role) =>
        Refused(ControlRefusal.NotAllowed, () => UserRules.CheckCreate(State, Actor.Operator, role, false));

    [Fact]
    public void Operator_SetsUpATenant_UntilItsAdminHasAPasswordOfTheirOwn()
    {
        var first = Account("anna", AccessRole.TenantAdmin) with { MustChangePassword = true };
        var state = new AccountsState { Users = [first] };
        UserRules.CheckCreate(state, Actor.Operator, AccessRole.TenantAdmin, false);
        Assert.Same(first, UserRules.Target(state, Actor.Operator, "anna"));
        Assert.True(UserRules.IsOnItsOwn(state.Replace(first with { MustChangePassword = false })));
    }

    [Theory]
    [InlineData(AccessRole.User)]
    [InlineData(AccessRole.Auditor)]
    public void Threat_38_Operator_MakesNobodyWhoReadsMail_ButInATrial(AccessRole role)
    {
        var state = new AccountsState();
        Refused(ControlRefusal.NotAllowed, () => UserRules.CheckCreate(state, Actor.Operator, role, false));
        var trial = state with { Rule = SecondFactorRule.Off };
        UserRules.CheckCreate(trial, Actor.Operator, role, true);
        var made = Account("eve", role) with { MadeForTrial = true };
        Assert.False(UserRules.Lasting(trial, made).Disabled);
        Assert.True(UserRules.Lasting(state, made).Disabled);
    }

    [Theory]
    [InlineData(AccessRole.TenantAdmin)]
    [InlineData(AccessRole.SecurityOfficerProvider)]
    public void Threat_38_Operator_ChoosesNoPassword_AndChangesNoRole(AccessRole role)
    {
        var state = new AccountsState { Rule = SecondFactorRule.Off };
        Refused(ControlRefusal.Invalid, () => UserRules.CheckCreate(state, Actor.Operator, role, true));
        var made = Account("x", role) with { MustChangePassword = true };
        Refused(ControlRefusal.NotAllowed, () => UserRules.WithRole(
            state.Add(made), Actor.Operator, made, AccessRole.Auditor, Now));
    }

    [Fact]
    public void Threat_38_OtherAdminsOfTheOperators_AreGone_OnceTheTenantIsOnItsOwn()
    {
        var (anna, ben) = (Waiting("anna"), Waiting("ben"));
        var state = new AccountsState { Users = [anna, ben, Account("petra", AccessRole.SecurityOfficerProvider)] };
        var own = UserRules.TakenOver(state, anna with { MustChangePassword = false });
        Assert.Equal(["anna", "petra"], own.Users.Select(user => user.Name));
        // Those whom its admins make afterwards stay.
        var later = UserRules.TakenOver(own.Add(Waiting("cleo")).Add(ben), ben with { MustChangePassword = false });
        Assert.Equal(["anna", "petra", "cleo", "ben"], later.Users.Select(user => user.Name));

        static Account Waiting(string name) =>
            Account(name, AccessRole.TenantAdmin) with { MustChangePassword = true };
    }

    [Fact]
    public void ProvidersOfficers_AreTheOperators_AndTenantAdminsSeeThemOnly()
    {
        UserRules.CheckCreate(State, Actor.Operator, AccessRole.SecurityOfficerProvider, false);
        Assert.Equal("petra", UserRules.Target(State, Actor.Operator, "petra").Name);
        Refused(ControlRefusal.NotAllowed, () => UserRules.CheckCreate(State, Anna, AccessRole.SecurityOfficerProvider, false));
        Refused(ControlRefusal.NotAllowed, () => UserRules.Target(State, Anna, "petra"));
        Assert.Contains(UserRules.SeenBy(State, Anna), user => user.Name == "petra");
        Assert.Equal(["petra"], UserRules.SeenBy(State, Actor.Operator).Select(user => user.Name));
        Refused(ControlRefusal.NotFound, () => UserRules.Target(State, Actor.Operator, "eve"));
    }

    [Theory]
    [InlineData(AccessRole.User)]
    [InlineData(AccessRole.Auditor)]
    [InlineData(AccessRole.SecurityOfficerTenant)]
    [InlineData(AccessRole.SecurityOfficerProvider)]
    public void NobodyElse_KeepsUsers(AccessRole role)
    {
        var actor = new Actor("x", role);
        Refused(ControlRefusal.NotAllowed, () => UserRules.CheckCreate(State, actor, AccessRole.User, false));
        Refused(ControlRefusal.NotAllowed, () => UserRules.Target(State, actor, "eve"));
    }

    [Fact]
    public void OwnAccount_IsNobodysToKeep() =>
        Refused(ControlRefusal.NotAllowed, () => UserRules.Target(State, Anna, "anna"));

    [Fact]
    public void Officer_NeedsTwoPersons_AndNeitherIsTheOfficer()
    {
        var eve = State.Find("eve")!;
        Refused(
            ControlRefusal.Conflict,
            () => UserRules.WithRole(State, Anna, eve, AccessRole.SecurityOfficerTenant, Now));
        var ready = eve with { Second = new([1], 0, Confirmed: true) };
        var proposed = UserRules.WithRole(State, Anna, ready, AccessRole.SecurityOfficerTenant, Now);
        Assert.Equal(AccessRole.User, proposed.Role);
        var state = State.Replace(proposed);

        Refused(ControlRefusal.NotAllowed, () => UserRules.Approved(state, Anna, "eve", Now));
        Refused(
            ControlRefusal.NotAllowed,
            () => UserRules.Approved(state, new("eve", AccessRole.TenantAdmin), "eve", Now));
        Refused(ControlRefusal.NotAllowed, () => UserRules.Approved(state, Actor.Operator, "eve", Now));
        Refused(ControlRefusal.NotFound, () => UserRules.Approved(state, Ben, "eve", Now + RoleProposal.Life));
        Assert.Equal(AccessRole.SecurityOfficerTenant, UserRules.Approved(state, Ben, "eve", Now).Role);
        var officer = new Actor("otto", AccessRole.SecurityOfficerTenant);
        Assert.Equal(AccessRole.SecurityOfficerTenant, UserRules.Approved(state, officer, "eve", Now).Role);
    }

    [Fact]
    public void OfficersPassword_IsNobodysToMake_AndTheOfficeOneAdminsToTake()
    {
        var otto = UserRules.Target(State, Anna, "otto");
        Refused(ControlRefusal.Conflict, () => UserRules.CheckReset(Anna, otto));
        Assert.Equal(AccessRole.User, UserRules.WithRole(State, Anna, otto, AccessRole.User, Now).Role);
    }

    [Fact]
    public void SecondFactor_IsOffOnlyWhereThatIsAllowed()
    {
        Refused(
            ControlRefusal.Invalid,
            () => UserRules.CheckSetRule(State, Anna, SecondFactorRule.Off, mayBeOff: false));
        UserRules.CheckSetRule(State, Anna, SecondFactorRule.Off, mayBeOff: true);
        Refused(
            ControlRefusal.NotAllowed,
            () => UserRules.CheckSetRule(State, Actor.Operator, SecondFactorRule.ByRole, mayBeOff: true));
    }

    [Fact]
    public void SecondFactor_IsNeededByEveryRoleButUser_UnlessTheRuleSaysOtherwise()
    {
        foreach (var role in AccessRoles.OfTenants)
        {
            Assert.Equal(role != AccessRole.User, Account("x", role).NeedsSecondFactor(SecondFactorRule.ByRole));
            Assert.True(Account("x", role).NeedsSecondFactor(SecondFactorRule.Everybody));
            Assert.False(Account("x", role).NeedsSecondFactor(SecondFactorRule.Off));
        }
    }

    private static void Refused(ControlRefusal refusal, Action act) =>
        Assert.Equal(refusal, Assert.Throws<ControlException>(act).Refusal);

    private static Account Account(string name, AccessRole role) => new(name, role, [], [], [], Now);
}
