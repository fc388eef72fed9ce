using AMA.Adapters.Hosting;
using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Grains.Control;
using AMA.Grains.Control.Directory;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace AMA.Tests.Bench.Scale;

/// <summary>
/// What grows with people and tenants: bytes, writes and time of a sign-in with a code, with one user and with ten
/// thousand; of a new tenant and of the directory's documents, in a region of a hundred thousand.
/// </summary>
public sealed class ScaleRun(TextWriter to, TimeProvider time)
{
    public const string Verb = "scale";

    private const string Tenant = "bench";
    private const string Person = "person";
    private const string Password = "a password to measure with";
    private const int Tenants = 100_000;
    private const int Repeats = 5;

    private readonly WriteCount _written = new();

    public async Task RunAsync()
    {
        var directory = Directory.CreateTempSubdirectory("ama-bench-scale-").FullName;
        try
        {
            await RunAsync(ControlSiloOptions.In(directory, Region.Eu) with { SecondFactorMayBeOff = true });
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task RunAsync(ControlSiloOptions options)
    {
        to.WriteLine("## People and tenants\n");
        to.WriteLine("| what | writes | bytes | ms |");
        to.WriteLine("| --- | --- | --- | --- |");
        var codes = Array.Empty<string>();
        await WithAsync(options, async grains =>
        {
            codes = await PrepareAsync(grains, Token(options));
            await SignInsAsync(grains, codes[..Repeats], "sign-in with a code, 1 user");
        });
        await WithStorageAsync(options, FillAsync);
        await WithAsync(options, async grains =>
        {
            await SignInsAsync(grains, codes[Repeats..], "sign-in with a code, 10,000 users");
            await DirectoryAsync(grains.GetGrain<IDirectoryGrain>("eu"), Token(options));
        });
    }

    private async Task SignInsAsync(IGrainFactory grains, string[] codes, string what)
    {
        var signIn = grains.GetGrain<ISignInGrain>($"eu/{Tenant}");
        foreach (var code in codes)
            await MeasureAsync(what, async () => await signIn.SignIn(new(Person, Password, code)));
    }

    private async Task DirectoryAsync(IDirectoryGrain directory, string token)
    {
        GatewayDocuments? documents = null;
        await MeasureAsync("documents, first, 100,000 tenants", async () => documents = await directory.Documents());
        to.WriteLine(FormattableString.Invariant($"| (their size) | | {documents!.Directory.Length} | |"));
        await MeasureAsync("documents, whole again", async () => await directory.Documents());
        await MeasureAsync("documents, news", async () => await directory.News(documents.Issue));
        await MeasureAsync("another tenant", async () => await directory.CreateTenant(
            token, new("another", ["journal@another.example"])));
    }

    private async Task MeasureAsync(string what, Func<Task> step)
    {
        var (before, start) = (_written.Now, time.GetTimestamp());
        await step();
        var (took, after) = (time.GetElapsedTime(start), _written.Now);
        to.WriteLine(FormattableString.Invariant(
            $"| {what} | {after.Writes - before.Writes} | {after.Bytes - before.Bytes} | {took.TotalMilliseconds:F1} |"));
    }

    private static async Task<string[]> PrepareAsync(IGrainFactory grains, string operatorToken)
    {
        var directory = grains.GetGrain<IDirectoryGrain>("eu");
        await directory.CreateTenant(operatorToken, new(Tenant, ["journal@bench.example"]) { SecondFactor = "off" });
        await directory.CreateUser(operatorToken, Tenant, new(Person, "user", ["person@bench.example"], Password));
        var own = grains.GetGrain<IOwnAccountGrain>($"eu/{Tenant}");
        var secret = (await own.Enrol(new(Person, Password))).Secret;
        var code = new OtpNet.Totp(OtpNet.Base32Encoding.ToBytes(secret)).ComputeTotp();
        return (await own.Confirm(new(Person, Password, code))).RecoveryCodes;
    }

    /// <summary>Into the stored states: to make them one by one would take days.</summary>
    private static async Task FillAsync(IGrainStorage storage)
    {
        await ChangeAsync<AccountsState>(storage, "accounts", $"eu/{Tenant}", state => state with
        {
            Users = [.. state.Users, .. Enumerable.Range(1, AccountsState.UsersMax - state.Users.Length)
                .Select(i => state.Users[0] with { Name = $"user-{i}" })],
        });
        await ChangeAsync<DirectoryState>(storage, "directory", "eu", state => state with
        {
            Version = state.Version + 1,
            Tenants = [.. state.Tenants, .. Enumerable.Range(2, Tenants - 2).Select(NewTenant)],
        });
    }

    private static DirectoryTenant NewTenant(int i) => new(
        SystemRandom.Instance.NextId(), $"tenant-{i}", DateTimeOffset.UnixEpoch, [new($"journal@tenant-{i}.example", SystemRandom.Instance.NextId())]);

    private static async Task ChangeAsync<T>(IGrainStorage storage, string name, string key, Func<T, T> change)
        where T : class, new()
    {
        var id = GrainId.Create($"ama.control.{name}", key);
        var stored = new GrainState<T> { State = new() };
        await storage.ReadStateAsync(name, id, stored);
        stored.State = change(stored.State!);
        await storage.WriteStateAsync(name, id, stored);
    }

    private Task WithAsync(ControlSiloOptions options, Func<IGrainFactory, Task> work) =>
        WithHostAsync(options, services => work(services.GetRequiredService<IGrainFactory>()));

    private Task WithStorageAsync(ControlSiloOptions options, Func<IGrainStorage, Task> work) => WithHostAsync(
        options, services => work(services.GetRequiredKeyedService<IGrainStorage>(ControlStorage.Name)));

    private async Task WithHostAsync(ControlSiloOptions options, Func<IServiceProvider, Task> work)
    {
        var parts = ControlSiloParts.Local(ClusterPorts.PickFree("ama-bench-scale"));
        var open = parts.OpenStore;
        using var host = ControlSilo.Build(
            options, parts with { OpenStore = directory => new CountingStore(open(directory), _written) });
        await host.StartAsync();
        await work(host.Services);
        await host.StopAsync();
    }

    private static string Token(ControlSiloOptions options) => File.ReadAllText(options.OperatorTokenFile).Trim();
}
