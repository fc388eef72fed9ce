using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Identity;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control;
using AMA.Silo.Control.Roots;
using AMA.Tests.Bench.KeyRoots;
using AMA.Tests.Unit.Adapters.Azure;
using AMA.Tests.Unit.Adapters.Pkcs11;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace AMA.Tests.Bench.Leases;

/// <summary>
/// Leases from a real control silo on this disk, both stores and the audit log with fsync: how many a second, and how
/// long one takes, by key root, purpose and suite; one caller, and sixteen.
/// </summary>
public sealed class LeaseRun(TextWriter to, TimeProvider time)
{
    public const string Verb = "leases";

    private const string Tenant = "bench";
    private const string Person = "person";
    private const string Password = "a password to measure with";
    private const int Callers = 16;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(4);

    public async Task RunAsync()
    {
        to.WriteLine("## Leases\n");
        to.WriteLine("| key root | suite | purpose | callers | leases/s | p50 ms | p99 ms |");
        to.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        await RunAsync("software", ControlSiloParts.Local, (_, _) => new());
        await RunAsync("SoftHSM2", ControlSiloParts.Local, (token, pinFile) => new()
        {
            Kind = KeyRootKind.Pkcs11, Pkcs11 = new(SoftHsm.Module, token, "bench-leases", pinFile),
        });
        using var vault = new FakeVault();
        await RunAsync("Key Vault, the tests' own", ports => ControlSiloParts.Local(ports) with
        {
            OpenVault = (_, keys, clock) => KeyRootRun.Vault(vault, keys, clock),
        }, (keys, _) => new()
        {
            Kind = KeyRootKind.KeyVault, KeyVault = new(new($"https://{FakeVault.Host}"), keys),
        });
        new TreeRun(to, time).Run();
    }

    /// <param name="root">From a token's label and the file with its PIN.</param>
    private async Task RunAsync(
        string title, Func<ClusterPorts, ControlSiloParts> parts, Func<string, string, KeyRootOptions> root)
    {
        var directory = Directory.CreateTempSubdirectory("ama-bench-leases-").FullName;
        try
        {
            var pinFile = Path.Combine(directory, "pin");
            await File.WriteAllTextAsync(pinFile, SoftHsm.Pin);
            await MeasureAsync(title, parts, ControlSiloOptions.In(directory, Region.Eu) with
            {
                SecondFactorMayBeOff = true,
                KeyRootA = root(SoftHsm.TokenA, pinFile),
                KeyRootB = root(SoftHsm.TokenB, pinFile),
            });
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task MeasureAsync(
        string title, Func<ClusterPorts, ControlSiloParts> parts, ControlSiloOptions options)
    {
        using var host = ControlSilo.Build(options, parts(ClusterPorts.PickFree("ama-bench-leases")));
        await host.StartAsync();
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        var tokens = host.Services.GetRequiredService<EnrolmentTokens>();
        var (tenant, person) = await PrepareAsync(grains, File.ReadAllText(options.OperatorTokenFile).Trim());
        foreach (var suite in Enum.GetValues<LeaseSuite>())
        {
            using var silo = await BenchSilo.JoinAsync(grains, tokens, $"silo-{(int)suite}", suite);
            await MeasureAsync($"{title} | {suite}", LeasePurpose.Ingest, 1, () => silo.GrantAsync(LeasePurpose.Ingest, tenant, null));
            foreach (var callers in new[] { 1, Callers })
                await MeasureAsync(
                    $"{title} | {suite}", LeasePurpose.Read, callers, () => silo.GrantAsync(LeasePurpose.Read, tenant, person, 1));
        }
        await host.StopAsync();
    }

    private static async Task<(Guid Tenant, string Token)> PrepareAsync(IGrainFactory grains, string operatorToken)
    {
        var directory = grains.GetGrain<IDirectoryGrain>("eu");
        var tenant = await directory.CreateTenant(operatorToken, new(Tenant, ["journal@bench.example"]) { SecondFactor = "off" });
        await directory.CreateUser(operatorToken, Tenant, new(Person, "user", ["person@bench.example"], Password));
        var signedIn = await grains.GetGrain<ISignInGrain>($"eu/{Tenant}").SignIn(new(Person, Password));
        return (tenant.Id, signedIn.Token);
    }

    private async Task MeasureAsync(string title, LeasePurpose purpose, int callers, Func<Task<int>> grant)
    {
        // Below the quota of a silo and tenant, and of live leases: what is measured is not their refusal.
        var most = purpose == LeasePurpose.Ingest ? LeaseLimits.LeasesPerSiloMax - 10 : LeaseLimits.GrantsPerMinuteMax / 4;
        await grant();
        var start = time.GetTimestamp();
        var took = await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            var times = new List<double>();
            while (time.GetElapsedTime(start) < Length && times.Count < most / callers)
            {
                var began = time.GetTimestamp();
                await grant();
                times.Add(time.GetElapsedTime(began).TotalMilliseconds);
            }
            return times;
        }));
        var whole = time.GetElapsedTime(start);
        double[] sorted = [.. took.SelectMany(times => times).Order()];
        to.WriteLine(FormattableString.Invariant(
            $"| {title} | {purpose} | {callers} | {sorted.Length / whole.TotalSeconds:F0} | {sorted[sorted.Length / 2]:F1} | {sorted[sorted.Length * 99 / 100]:F1} |"));
    }
}
