using AMA.Grains.Control;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Xunit;

namespace AMA.Tests.Cluster.Control.SignIn;

/// <summary>
/// What Control knows of a tenant's people: an older copy brings nobody back, and none of it is written as a whole
/// because one of ten thousand signs in.
/// </summary>
public sealed class OlderAccountsTests : IAsyncLifetime
{
    private const string Password = People.Password;

    private ControlWorld _world = null!;
    private People _people = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        _people = await People.AtANewTenantAsync(_world);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Threat_37_RemovedAuditor_IsNotBroughtBack_ByOlderCopiesInBothStores()
    {
        var admin = await _people.AdminAsync();
        await _people.CreateAsync("anna", "auditor");
        var (secret, _) = await _people.EnrolAsync("anna");
        var old = Copy("state");
        await _people.Users.Remove(admin, "anna");

        await PutBackAsync(old);
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        await Refusal.IsAsync(
            ControlRefusal.Unavailable, () => _people.SignIn.SignIn(new("anna", Password, _people.Code(secret))));
        var entries = await AuditTrail.ReadAsync(_world);
        Assert.Contains(entries, entry => entry is { Act: AuditAct.StateWrite, Granted: false });
    }

    [Fact]
    public async Task Threat_37_OlderCopyInOneStore_IsHealed_AndThePasswordBeforeIsWorthNothing()
    {
        await _people.CreateAsync("eve", "user");
        var old = Copy("state").Where(file => file.Key.Contains("/a/", StringComparison.Ordinal)).ToDictionary();
        await _people.Own.ChangePassword(new("eve", Password), "another horse battery");

        await PutBackAsync(old);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.SignIn(new("eve", Password)));
        await _people.SignIn.SignIn(new("eve", "another horse battery"));
    }

    [Fact]
    public async Task Threat_33_UsedCodes_StayUsed_WhenOlderCopiesArePutBack()
    {
        await _people.CreateAsync("anna", "auditor");
        var (secret, confirmed) = await _people.EnrolAsync("anna");
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        await _people.SignIn.SignIn(new("anna", Password, _people.Code(secret)));
        await _people.SignIn.SignIn(new("anna", Password, confirmed.RecoveryCodes[0]));
        var old = Copy("state").Concat(Copy("passing")).ToDictionary();
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        var code = _people.Code(secret);
        await _people.SignIn.SignIn(new("anna", Password, code));
        await _people.SignIn.SignIn(new("anna", Password, confirmed.RecoveryCodes[1]));

        await PutBackAsync(old);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.SignIn(new("anna", Password, code)));
        await Refusal.IsAsync(ControlRefusal.Unavailable,
            () => _people.SignIn.SignIn(new("anna", Password, confirmed.RecoveryCodes[1])));
        // Codes of the authenticator go on in a minute: nobody has to be called for that.
        _world.Clock.Advance(TimeSpan.FromSeconds(60));
        await _people.SignIn.SignIn(new("anna", Password, _people.Code(secret)));
    }

    [Fact]
    public async Task SignIn_WritesAsLittleWithTenThousandUsers_AsWithTwo()
    {
        await _people.CreateAsync("anna", "auditor");
        var (secret, _) = await _people.EnrolAsync("anna");
        var few = await BytesOfSignInAsync(secret);
        await AddUsersAsync(AccountsState.UsersMax);
        var many = await BytesOfSignInAsync(secret);
        Assert.InRange(few, 1, 8_000);
        Assert.InRange(many, 1, few + 2_000); // by then the person has another session, too
    }

    private async Task<long> BytesOfSignInAsync(string secret)
    {
        _world.Clock.Advance(TimeSpan.FromMinutes(10));
        var before = Bytes();
        await _people.SignIn.SignIn(new("anna", Password, _people.Code(secret)));
        return Bytes() - before;

        // Audit batches are each entry's own; a checkpoint of them may come at any time.
        long Bytes() => _world.StoreA.BytesPut + _world.StoreB.BytesPut;
    }

    /// <summary>Into the stored state: hashing as many passwords would take an hour.</summary>
    private async Task AddUsersAsync(int all)
    {
        var storage = _world.Service<IServiceProvider>().GetRequiredKeyedService<IGrainStorage>(ControlStorage.Name);
        var id = _world.Service<IGrainFactory>().GetGrain<IAccountsGrain>($"eu/{People.Tenant}").GetGrainId();
        var stored = new GrainState<AccountsState>();
        await storage.ReadStateAsync("accounts", id, stored);
        var users = stored.State!.Users;
        var made = Enumerable.Range(users.Length, all - users.Length).Select(i => users[0] with { Name = $"user-{i}" });
        stored.State = stored.State with { Users = [.. users, .. made] };
        await storage.WriteStateAsync("accounts", id, stored);
        await _world.RestartAsync();
    }

    private Dictionary<string, byte[]> Copy(string room) => new[] { "a", "b" }
        .Select(store => Path.Combine(_world.Root, "control", store, "state", room))
        .Where(Directory.Exists).SelectMany(Directory.GetFiles)
        .ToDictionary(file => file, File.ReadAllBytes);

    private async Task PutBackAsync(Dictionary<string, byte[]> copy)
    {
        await _world.StopAsync();
        RollbackTests.PutBack(copy);
        await _world.StartAsync();
    }
}
