using System.Globalization;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using AMA.Tests.Cluster.EndToEnd.World;
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

    /// <summary>Spraying one password over many accounts: each account gets one guess from there, not a second.</summary>
    [Fact]
    public async Task OneAddresssFailures_StopOnlyWhoeverFailedToo_AndSayWhatItIs()
    {
        const string house = "192.0.2.1";
        await _people.CreateAsync("dora", "user");
        await WrongAsync("dora", "wrong", house);
        for (var i = 0; i < LockOut.AddressFreeFailures; i++) await WrongAsync($"guess{i}", "wrong", house);

        foreach (var (user, password) in new[] { ("dora", Password), ("guess0", "wrong"), ("nobody", "wrong") })
            Assert.Equal(2, await TooManyAsync(user, password, house));
        await _people.SignIn.SignIn(new("eve", Password, null, house)); // who mistyped nothing
        await _people.SignIn.SignIn(new("dora", Password, null, "192.0.2.2"));
        await WrongAsync("guess0", "wrong", "192.0.2.2");

        await WrongOrTooManyAsync("dora", "wrong", house);
        _world.Clock.Advance(LockOut.FirstWait);
        await _people.SignIn.SignIn(new("dora", Password, null, house)); // the wait is over
    }

    /// <summary>Right credentials that an address's lock refused are no failure of the account.</summary>
    [Fact]
    public async Task RightPasswordAtALockedAddress_CountsForNothing()
    {
        const string house = "192.0.2.1";
        await WrongAsync("eve", "wrong", house);
        for (var i = 0; i < LockOut.AddressFreeFailures; i++) await WrongAsync($"guess{i}", "wrong", house);
        for (var i = 0; i < 2 * LockOut.AccountFreeFailures; i++) await TooManyAsync("eve", Password, house);
        await _people.SignIn.SignIn(new("eve", Password, null, "192.0.2.2"));
    }

    /// <summary>Else as many guesses as wait for a hash pass a lock of which the first one is the cause.</summary>
    [Fact]
    public async Task GuessesAtTheSameMoment_AreNoMoreThanGuessesInARow()
    {
        const int guesses = 24;
        for (var i = 0; i < LockOut.AccountFreeFailures; i++) await WrongAsync("eve", "wrong");
        var tries = Enumerable.Range(0, guesses).Select(_ => TryAsync("eve", Password)).ToArray();
        var passed = (await Task.WhenAll(tries)).Count(isIn => isIn);
        Assert.Equal(1, passed);
    }

    [Fact]
    public async Task FloodOfRefusals_FillsNoAuditDisk_AndItsNumberIsOnRecord()
    {
        const int flood = RefusalBudget.AddressMax + 15;
        for (var i = 0; i < flood; i++) await WrongOrTooManyAsync("eve", "wrong", "192.0.2.1");
        var before = await AuditTrail.ReadAsync(_world);
        var recorded = before.Count(entry => entry is { Granted: false, Act: AuditAct.SignIn });
        Assert.Equal(RefusalBudget.AddressMax, recorded);
        // The account's and the address's: who is locked out is always on record.
        Assert.Equal(2, before.Count(entry => entry.Act == AuditAct.LockOut));
        _world.Clock.Advance(RefusalBudget.Window);
        var entries = await WaitUntil.AnswerAsync(
            "the summary", () => AuditTrail.ReadAsync(_world), read => read.Any(entry => entry.Act == AuditAct.RefusalSummary));
        var summary = entries.Single(entry => entry.Act == AuditAct.RefusalSummary);
        var counted = summary.Detail!.Split(", ").Sum(
            one => int.Parse(one.Split(' ')[1], CultureInfo.InvariantCulture));
        Assert.Equal(flood, recorded + counted);
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
        await foreach (var blob in _world.Offsite.ListAsync("", null, CancellationToken.None))
            if (!blob.Name.StartsWith("audit", StringComparison.Ordinal)) names.Add(blob.Name);
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

    private async Task<bool> TryAsync(string user, string password)
    {
        try
        {
            await _people.SignIn.SignIn(new(user, password));
            return true;
        }
        catch (ControlException refused) when (refused.Refusal == ControlRefusal.NotAuthorised)
        {
            return false;
        }
    }

    /// <summary>Refused for the address; after how many seconds to come again.</summary>
    private async Task<int?> TooManyAsync(string user, string password, string from)
    {
        var refused = await Assert.ThrowsAsync<ControlException>(
            () => _people.SignIn.SignIn(new(user, password, null, from)));
        Assert.Equal(ControlRefusal.TooManyTries, refused.Refusal);
        return refused.RetryAfterSeconds;
    }

    private async Task WrongOrTooManyAsync(string user, string password, string from)
    {
        var refused = await Assert.ThrowsAsync<ControlException>(
            () => _people.SignIn.SignIn(new(user, password, null, from)));
        Assert.True(refused.Refusal is ControlRefusal.NotAuthorised or ControlRefusal.TooManyTries);
    }

    private Task<string> WrongAsync(string user, string password, string? from = null) => Refusal.IsAsync(
        ControlRefusal.NotAuthorised, () => _people.SignIn.SignIn(new(user, password, null, from)));
}
