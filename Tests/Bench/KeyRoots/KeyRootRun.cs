using AMA.Adapters.Azure;
using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Tests.Unit.Adapters.Azure;
using AMA.Tests.Unit.Adapters.Pkcs11;

namespace AMA.Tests.Bench.KeyRoots;

/// <summary>
/// How long key roots take to wrap and unwrap a key of 32 bytes: one caller, and eight at once. Files on this disk,
/// SoftHSM2 as the PKCS#11 module, and for Key Vault the tests' own vault in this process: real RSA-3072, no network.
/// </summary>
public sealed class KeyRootRun(TextWriter to, TimeProvider time)
{
    public const string Verb = "keyroots";

    private const string Name = "rkek-eu";
    private const int Callers = 8;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(3);
    private static readonly string Context = KeyContext.Of(KeyType.RegionRoot, Region.Eu);

    public async Task RunAsync(CancellationToken cancel)
    {
        to.WriteLine("## Key roots\n");
        to.WriteLine("| root | callers | wraps/s | p50 ms | p99 ms | unwraps/s | p50 ms | p99 ms |");
        to.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        var directory = Directory.CreateTempSubdirectory("ama-bench-roots-").FullName;
        try
        {
            await MeasureAsync("software, passphrase", Software(directory), cancel);
            await MeasureAsync("pkcs11, SoftHSM2", SoftHsm.Open(SoftHsm.Place(SoftHsm.TokenA, "bench")), cancel);
            using var vault = new FakeVault();
            await MeasureAsync("keyvault, fake in this process", Vault(vault, "bench", time), cancel);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private SoftwareKeyRoot Software(string directory)
    {
        using var passphrase = Secret.Copy("a passphrase for measuring"u8);
        var start = time.GetTimestamp();
        var root = SoftwareKeyRoot.Open(
            directory, new(UnlockKind.Passphrase, passphrase), new PrivateFiles(new DurableFiles()),
            SystemRandom.Instance, time);
        OpenTook = time.GetElapsedTime(start);
        return root;
    }

    /// <summary>Argon2id of the software root, at making: two derivations of 256 MiB.</summary>
    private TimeSpan OpenTook { get; set; }

    internal static KeyVaultKeyRoot Vault(FakeVault vault, string keyName, TimeProvider time) => new(
        new KeyVaultKeys(new Uri($"https://{FakeVault.Host}"), new FakeCredential(), new KeyVaultOptions
        {
            Transport = vault.Transport,
        }), keyName, time);

    private async Task MeasureAsync(string title, IKeyRoot root, CancellationToken cancel)
    {
        await using var opened = root;
        var key = await root.EnsureAsync(Name, cancel);
        using var secret = Secret.Random(SystemRandom.Instance);
        var blob = await root.WrapAsync(key, KeyType.RegionRoot, Context, secret, cancel);
        foreach (var callers in new[] { 1, Callers })
        {
            var wraps = await TimesAsync(
                callers, () => root.WrapAsync(key, KeyType.RegionRoot, Context, secret, cancel), cancel);
            var unwraps = await TimesAsync(callers, async () =>
            {
                using var key = await root.UnwrapAsync(KeyType.RegionRoot, Context, blob, cancel);
            }, cancel);
            to.WriteLine($"| {title} | {callers} | {wraps} | {unwraps} |");
        }
        if (OpenTook > TimeSpan.Zero)
            to.WriteLine($"| software, making the root with Argon2id | 1 | {OpenTook.TotalMilliseconds:F0} ms once | | | | | |");
        OpenTook = default;
    }

    private async Task<string> TimesAsync(int callers, Func<Task> operation, CancellationToken cancel)
    {
        var times = new List<double>[callers];
        var start = time.GetTimestamp();
        await Parallel.ForAsync(
            0, callers, new ParallelOptions { MaxDegreeOfParallelism = callers, CancellationToken = cancel },
            async (caller, _) =>
            {
                times[caller] = [];
                while (time.GetElapsedTime(start) < Length)
                {
                    var from = time.GetTimestamp();
                    await operation();
                    times[caller].Add(time.GetElapsedTime(from).TotalMilliseconds);
                }
            });
        var took = time.GetElapsedTime(start);
        double[] sorted = [.. times.SelectMany(list => list).Order()];
        return FormattableString.Invariant(
            $"{sorted.Length / took.TotalSeconds:F0} | {At(sorted, 0.5):F2} | {At(sorted, 0.99):F2}");
    }

    private static double At(double[] sorted, double part) => sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * part)];
}
