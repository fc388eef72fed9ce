using AMA.Archive.Access;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

public sealed class SignInTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private ControlWorld _world = null!;
    private byte[] _signingKey = [];

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        await _world.CreateTenantAsync();
        using var gateway = await TestSilo.EnrolledAsync(_world, "gateway-1", PeerRole.Gateway);
        _signingKey = gateway.SigningKey;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task RightPassword_GivesAGrantForAQuarterOfAnHour_InASessionOfEight()
    {
        await CreateAsync(new NewUser("Wilma", "user", ["Wilma@Example.com", "wilma@example.com"], Password));

        var signedIn = await SignInAsync("wilma", Password);

        var now = _world.Clock.GetUtcNow();
        Assert.True(AccessGrant.TryVerify(signedIn.Token, _signingKey, now, out var grant));
        Assert.Equal((now, now.AddMinutes(15)), (grant.IssuedAt, grant.ExpiresAt));
        Assert.Equal(now.AddHours(8), signedIn.SessionEndsAt);
        Assert.Equal(("wilma", AccessRole.User, ControlWorld.Tenant), (grant.User, grant.Role, grant.TenantName));
        Assert.Equal(["wilma@example.com"], grant.Addresses);
        Assert.Equal((await _world.Directory.Tenants(_world.OperatorToken)).Single().Id, grant.Tenant);
        Assert.False(AccessGrant.TryVerify(signedIn.Token, _signingKey, now.AddMinutes(15), out _));
    }

    [Fact]
    public async Task Threat_33_WrongPasswordUnknownUserAndUnknownTenant_CostAndAnswerAlike()
    {
        await CreateAsync(new NewUser("wilma", "auditor", [], Password));
        var hasher = _world.Service<PasswordHasher>();
        var answers = new List<(string Message, long Hashes)>();
        (string, string)[] callers = [("quiet-harbour", "wilma"), ("quiet-harbour", "fred"), ("nowhere", "wilma")];
        foreach (var (tenant, user) in callers)
            foreach (var password in new[] { "wrong password!", "", new string('x', 2000) })
            {
                var before = hasher.Hashed;
                var message = await Refusal.IsAsync(
                    ControlRefusal.NotAuthorised, () => SignInAsync(user, password, tenant));
                answers.Add((message, hasher.Hashed - before));
            }

        Assert.Equal(1, Assert.Single(answers.Distinct()).Hashes);
        var entries = await AuditTrail.ReadAsync(_world);
        Assert.Equal(answers.Count, entries.Count(entry => entry is { Act: AuditAct.SignIn, Granted: false }));
    }

    [Fact]
    public async Task MissingPassword_IsMadeStrong_ShownOnce_AndWorks()
    {
        var user = await CreateAsync(new NewUser("fred", "auditor", [], null));

        Assert.Matches("^([a-km-np-z2-9]{5}-){4}[a-km-np-z2-9]{5}$", user.Password);
        Assert.True(user.MustChangePassword);
        await Refusal.IsAsync(
            ControlRefusal.PasswordChangeRequired, () => SignInAsync("fred", user.Password!));
        await _world.Grain<IOwnAccountGrain>($"eu/{ControlWorld.Tenant}").ChangePassword(
            new Credentials("fred", user.Password!), Password);
        await _world.RestartAsync();
        await SignInAsync("FRED", Password);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => SignInAsync("fred", user.Password!));
    }

    [Fact]
    public async Task GivenPassword_IsNotRepeated() =>
        Assert.Null((await CreateAsync(new NewUser("fred", "auditor", [], Password))).Password);

    [Theory]
    [InlineData("x", "admin", Password, null)]
    [InlineData("x", "operator", Password, null)]
    [InlineData("x y", "user", Password, null)]
    [InlineData("x", "user", "short", null)]
    [InlineData("x", "user", Password, "no address")]
    public async Task BadUser_IsInvalid(string name, string role, string password, string? address) =>
        await Refusal.IsAsync(ControlRefusal.Invalid, () =>
            CreateAsync(new NewUser(name, role, address is null ? [] : [address], password)));

    [Fact]
    public async Task TakenName_IsAConflict_AndAnUnknownTenantIsNotFound()
    {
        await CreateAsync(new NewUser("fred", "user", [], Password));
        await Refusal.IsAsync(ControlRefusal.Conflict, () => CreateAsync(new NewUser("Fred", "user", [], Password)));
        await Refusal.IsAsync(ControlRefusal.NotFound, () => _world.Directory.CreateUser(
            _world.OperatorToken, "nowhere", new NewUser("fred", "user", [], Password)));
    }

    private Task<UserView> CreateAsync(NewUser user) =>
        _world.Directory.CreateUser(_world.OperatorToken, ControlWorld.Tenant, user);

    private Task<SignedInView> SignInAsync(string user, string password, string tenant = ControlWorld.Tenant) =>
        _world.Grain<ISignInGrain>($"eu/{tenant}").SignIn(user, password);
}
