using AMA.Grains.Control.Audit;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control.SignIn;

public sealed class LockedOutTests : IAsyncLifetime
{
    private const string Password = People.Password;

    private ControlWorld _world = null!;
    private People _people = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        _people = await People.AtANewTenantAsync(_world);
        await _people.CreateAsync("eve", "user");
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task LockedAccount_RefusesTheRightPassword_AlsoAfterARestart_AndOpensByItself()
    {
        for (var i = 0; i <= LockOut.AccountFreeFailures; i++) await WrongAsync("eve", "wrong");
        var locked = await WrongAsync("eve", Password);
        Assert.Equal(Credentials.Refused, locked);
        await _world.RestartAsync();
        await WrongAsync("eve", Password);
        _world.Clock.Advance(LockOut.FirstWait);
        await _people.SignIn.SignIn(new("eve", Password));

        var entries = await AuditTrail.ReadAsync(_world);
        Assert.Single(entries, entry => entry.Act == AuditAct.LockOut);
    }

    [Fact]
    public async Task Success_ForgetsTheAccountsFailures()
    {
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < LockOut.AccountFreeFailures; i++) await WrongAsync("eve", "wrong");
            await _people.SignIn.SignIn(new("eve", Password));
        }
    }

    [Fact]
    public async Task OneAddress_IsLockedForAllAccounts_AndOthersAreNot()
    {
        for (var i = 0; i <= LockOut.AddressFreeFailures; i++) await WrongAsync($"guess{i}", "wrong", "192.0.2.1");
        await WrongAsync("eve", Password, "192.0.2.1");
        await _people.SignIn.SignIn(new("eve", Password, null, "192.0.2.2"));
    }

    /// <summary>Each version of a state off site stays there: strangers must not be able to fill it.</summary>
    [Fact]
    public async Task FailuresAndSessions_LeaveNothingOffSite()
    {
        var before = await OffsiteAsync();
        await WrongAsync("eve", "wrong", "192.0.2.7");
        await WrongAsync("nobody", "wrong", "192.0.2.7");
        var opened = await _people.SignIn.SignIn(new("eve", Password));
        await _people.SignIn.SignOut(opened.Token);
        Assert.Equal(before, await OffsiteAsync());
    }

    private async Task<string[]> OffsiteAsync()
    {
        var names = new List<string>();
        await foreach (var blob in _world.Offsite.ListAsync("", null, CancellationToken.None)) names.Add(blob.Name);
        return [.. names];
    }

    [Fact]
    public async Task WrongCodes_LockLikeWrongPasswords()
    {
        await _people.CreateAsync("anna", "auditor");
        var (secret, _) = await _people.EnrolAsync("anna");
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        for (var i = 0; i <= LockOut.AccountFreeFailures; i++)
            await Refusal.IsAsync(
                ControlRefusal.NotAuthorised, () => _people.SignIn.SignIn(new("anna", Password, "aaaaa-aaaaa-aaaaa")));
        await Refusal.IsAsync(
            ControlRefusal.NotAuthorised, () => _people.SignIn.SignIn(new("anna", Password, _people.Code(secret))));
    }

    /// <summary>Whatever is wrong: one hash, the same durable writes, the same words.</summary>
    [Fact]
    public async Task Threat_33_EveryRefusal_CostsAndSaysTheSame()
    {
        await _people.CreateAsync("anna", "auditor");
        await _people.EnrolAsync("anna");
        await _people.CreateAsync("dora", "user");
        await _people.Users.Change(await _people.AdminAsync(), "dora", new() { Disabled = true });
        await _people.CreateAsync("lars", "user");
        for (var i = 0; i <= LockOut.AccountFreeFailures; i++) await WrongAsync("lars", "wrong");
        (string Tenant, Credentials Shown)[] tries =
        [
            (People.Tenant, new("eve", "wrong password")), (People.Tenant, new("nobody", Password)),
            ("nowhere", new("eve", Password)), (People.Tenant, new("anna", Password, "aaaaa-aaaaa-aaaaa")),
            (People.Tenant, new("dora", Password)), (People.Tenant, new("lars", Password)),
            (People.Tenant, new("lars", "wrong")), (People.Tenant, new("", "")),
        ];
        var hasher = _world.Service<PasswordHasher>();
        var answers = new HashSet<(string Message, long Hashes, int Audited)>();
        foreach (var (tenant, shown) in tries)
        {
            var (hashes, audited) = (hasher.Hashed, (await AuditTrail.ReadAsync(_world)).Count);
            var grain = _world.Grain<ISignInGrain>($"eu/{tenant}");
            var message = await Refusal.IsAsync(
                ControlRefusal.NotAuthorised, () => grain.SignIn(shown with { From = "192.0.2.9" }));
            answers.Add((message, hasher.Hashed - hashes, (await AuditTrail.ReadAsync(_world)).Count - audited));
        }
        Assert.Equal((Credentials.Refused, 1, 1), Assert.Single(answers));
    }

    private Task<string> WrongAsync(string user, string password, string? from = null) => Refusal.IsAsync(
        ControlRefusal.NotAuthorised, () => _people.SignIn.SignIn(new(user, password, null, from)));
}
