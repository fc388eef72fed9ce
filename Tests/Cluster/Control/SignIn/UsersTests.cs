using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control.SignIn;

public sealed class UsersTests : IAsyncLifetime
{
    private const string Password = People.Password;

    private ControlWorld _world = null!;
    private People _people = null!;
    private string _admin = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        _people = await People.AtANewTenantAsync(_world);
        _admin = await _people.TokenOfAsync("anna", "tenant-admin");
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task OperatorKeepsNoUsers_OnceTheTenantHasItsAdmin_ThatIsOnRecord()
    {
        await Refusal.IsAsync(ControlRefusal.NotAllowed, () => _people.CreateAsync("mole", "auditor", _world.OperatorToken));
        await Refusal.IsAsync(ControlRefusal.NotFound, () => _people.Users.ResetPassword(_world.OperatorToken, "anna"));
        await _people.CreateAsync("petra", "security-officer-provider");
        Assert.Equal("petra", Assert.Single(await _people.Users.List(_world.OperatorToken)).User);
        var entries = await AuditTrail.ReadAsync(_world);
        Assert.Contains(entries, entry => entry is
        {
            Act: AuditAct.UserCreation, Granted: false, Person: "mole", By: "operator", Detail: "auditor",
        });
    }

    /// <summary>Else nonsense, sent by anybody, hides what the operator or a tenant's own people were refused.</summary>
    [Fact]
    public async Task FloodOfStrangers_HidesNoRefusalOfWhoIsKnown()
    {
        var eve = await _people.TokenOfAsync("evelyn", "auditor", _admin);
        for (var i = 0; i <= RefusalBudget.AddressMax; i++)
            await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.CreateAsync("mole", "auditor", "nonsense"));
        await Refusal.IsAsync(ControlRefusal.NotAllowed, () => _people.CreateAsync("mole", "auditor", _world.OperatorToken));
        await Refusal.IsAsync(ControlRefusal.NotAllowed, () => _people.CreateAsync("mole", "auditor", eve));
        await _people.SignIn.SignOut(eve);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.CreateAsync("mole", "auditor", eve));
        var refused = (await AuditTrail.ReadAsync(_world))
            .Where(entry => entry is { Act: AuditAct.UserCreation, Granted: false, Person: "mole" }).ToArray();
        Assert.Equal(RefusalBudget.AddressMax, refused.Count(entry => entry.By is null));
        Assert.Equal(["operator", "evelyn", "evelyn"], refused.Select(entry => entry.By).OfType<string>());
    }

    [Fact]
    public async Task Officer_IsProposedByOneAdmin_AndApprovedByAnother()
    {
        await _people.CreateAsync("otto", "user", _admin);
        await Refusal.IsAsync(ControlRefusal.Invalid, () =>
            _people.CreateAsync("oscar", "security-officer-tenant", _admin));
        await _people.EnrolAsync("otto");
        var proposed = await _people.Users.Change(_admin, "otto", new() { Role = "security-officer-tenant" });
        Assert.Equal(("user", "security-officer-tenant", "anna"),
            (proposed.Role, proposed.ProposedRole, proposed.ProposedBy));
        await Refusal.IsAsync(ControlRefusal.NotAllowed, () => _people.Users.Approve(_admin, "otto"));
        var ben = await _people.TokenOfAsync("ben", "tenant-admin", _admin);
        Assert.Equal("security-officer-tenant", (await _people.Users.Approve(ben, "otto")).Role);
        await Refusal.IsAsync(ControlRefusal.Conflict, () => _people.Users.ResetPassword(_admin, "otto"));
        var acts = (await AuditTrail.ReadAsync(_world)).Where(entry => entry is { Person: "otto", Granted: true })
            .Select(entry => (entry.Act, entry.By));
        Assert.Contains((AuditAct.RoleProposal, "anna"), acts);
        Assert.Contains((AuditAct.RoleApproval, "ben"), acts);
    }

    [Fact]
    public async Task ResetPassword_IsForOnce_AndTakesTheSecondFactorAway()
    {
        await _people.TokenOfAsync("ben", "auditor", _admin);
        var reset = await _people.Users.ResetPassword(_admin, "ben");
        Assert.True(reset is { MustChangePassword: true, SecondFactor: false });
        await Refusal.IsAsync(
            ControlRefusal.PasswordChangeRequired, () => _people.SignIn.SignIn(new("ben", reset.Password!)));
        await _people.Own.ChangePassword(new("ben", reset.Password!), Password);
        await Refusal.IsAsync(ControlRefusal.EnrolmentRequired, () => _people.SignIn.SignIn(new("ben", Password)));
    }

    [Fact]
    public async Task ChangedPassword_IsAnotherOne_OfSomeLength()
    {
        await _people.CreateAsync("eve", "user", _admin);
        foreach (var password in new[] { Password, "short", "" })
            await Refusal.IsAsync(
                ControlRefusal.Invalid, () => _people.Own.ChangePassword(new("eve", Password), password));
        await Refusal.IsAsync(
            ControlRefusal.NotAuthorised, () => _people.Own.ChangePassword(new("eve", "wrong"), "another battery!"));
    }

    [Fact]
    public async Task DisabledUser_SignsInNoMore_UntilEnabled()
    {
        await _people.CreateAsync("eve", "user", _admin);
        await _people.Users.Change(_admin, "eve", new() { Disabled = true });
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.SignIn(new("eve", Password)));
        await _people.Users.Change(_admin, "eve", new() { Disabled = false });
        await _people.SignIn.SignIn(new("eve", Password));
    }

    [Fact]
    public async Task Threat_26_AnotherTenantsAdmin_ReachesNothingHere()
    {
        await _world.CreateTenantAsync();
        var made = await _world.Directory.CreateUser(
            _world.OperatorToken, ControlWorld.Tenant, new NewUser("zoe", "tenant-admin", [], null));
        await _world.Grain<IOwnAccountGrain>($"eu/{ControlWorld.Tenant}").ChangePassword(
            new("zoe", made.Password!), Password);
        var zoe = (await _world.Grain<ISignInGrain>($"eu/{ControlWorld.Tenant}").SignIn("zoe", Password)).Token;
        var users = _people.Users;
        Func<Task>[] all =
        [
            () => users.List(zoe), () => users.Create(zoe, new("x", "auditor", [], null)),
            () => users.Change(zoe, "anna", new() { Disabled = true }), () => users.Remove(zoe, "anna"),
            () => users.ResetPassword(zoe, "anna"), () => users.Approve(zoe, "anna"),
            () => users.SetSecondFactor(zoe, "off"), () => _people.SignIn.Sessions(zoe),
            () => _people.SignIn.SignOut(zoe),
        ];
        foreach (var act in all) await Refusal.IsAsync(ControlRefusal.NotAuthorised, act);
        Assert.False((await users.List(_admin)).Single(user => user.User == "anna").Disabled);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("auditor")]
    public async Task OrdinaryPeople_KeepNoUsers(string role)
    {
        var token = await _people.TokenOfAsync("eve", role, _admin);
        await Refusal.IsAsync(ControlRefusal.NotAllowed, () => _people.Users.List(token));
        await Refusal.IsAsync(ControlRefusal.NotAllowed, () => _people.CreateAsync("x", "auditor", token));
        await Refusal.IsAsync(ControlRefusal.NotAllowed, () => _people.Users.ResetPassword(token, "anna"));
    }

    [Theory]
    [InlineData("eve\r\nforged: line")]
    [InlineData("eve\u001b[2J")]
    [InlineData("eve\u202eadmin")]
    public async Task Threat_42_NamesThatForgeLines_AreRecordedAsOneField(string name)
    {
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.SignIn(new(name, "wrong")));
        await Refusal.IsAsync(ControlRefusal.Invalid, () => _people.CreateAsync(name, "user", _admin));
        var entries = await AuditTrail.ReadAsync(_world);
        Assert.Contains(entries, entry => entry is { Act: AuditAct.SignIn, Granted: false } && entry.Person == name);
        Assert.Contains(entries, entry => entry is { Act: AuditAct.UserCreation } && entry.Person == name);
    }
}
