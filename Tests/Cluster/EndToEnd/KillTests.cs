using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>
/// kill -9 at random moments under load, and sometimes once more while it recovers. What got 250 is there, once and
/// whole; what got none may be there, whole; nothing else is. AMA_KILL_ROUNDS: how often.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int RoundsDefault = 3;
    private const int EarlyKillReceiptsMax = 120;
    private const int LateKillReceiptsMax = 1_000;
    private const int MillisecondsBeforeKillMax = 40;
    private const int RecoveryMillisecondsMax = 4_000;
    private const int TracedPerRound = 10;

    private static readonly int Rounds =
        int.TryParse(Environment.GetEnvironmentVariable("AMA_KILL_ROUNDS"), out var rounds) ? rounds : RoundsDefault;

    private readonly TempFolder _folder = new("kill");
    private readonly HashSet<string> _checked = [];
    private ChildArchive? _running;

    public async ValueTask DisposeAsync()
    {
        if (_running is not null) await _running.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Threat_12_KilledUnderLoad_KeepsWhatWasAcknowledgedOnce()
    {
        var random = Seed.New(output);
        var load = new KillLoad(random.Next());
        _running = await ChildArchive.StartAsync(_folder);
        var tenant = await _running.CreateTenantAsync("nordwind");
        for (var round = 1; round <= Rounds; round++)
        {
            await KillUnderLoadAsync(_running, tenant, load, random);
            output.WriteLine($"round {round}: {load.Acknowledged.Count} of {load.Sent.Count} acknowledged so far");
            var archive = _running = await RecoveredAsync(round, random);
            tenant = tenant with { Archive = archive, Auditor = new Rest(() => archive.Doors, tenant.Auditor.Token) };
            await VerifyAsync(tenant, load);
        }
    }

    private static async Task KillUnderLoadAsync(ChildArchive archive, Tenant tenant, KillLoad load, Random random)
    {
        var most = random.Next(4) == 0 ? LateKillReceiptsMax : EarlyKillReceiptsMax;
        var receipts = load.Acknowledged.Count + random.Next(1, most);
        var later = random.Next(MillisecondsBeforeKillMax);
        var sending = load.SendUntilBrokenAsync(tenant);
        await WaitUntil.TrueAsync(
            $"{receipts} receipts", () => load.Acknowledged.Count >= receipts || sending.IsCompleted);
        Assert.False(sending.IsCompleted, $"the load ended by itself:\n{archive.Errors}");
        await Task.Delay(later); // any moment between two receipts
        await archive.KillAsync();
        await sending;
        await archive.DisposeAsync();
    }

    /// <summary>Every second round it is killed once more while it starts or catches up.</summary>
    private async Task<ChildArchive> RecoveredAsync(int round, Random random)
    {
        if (round % 2 == 0)
        {
            await using var shortLived = ChildArchive.LaunchOn(_folder);
            await Task.Delay(random.Next(RecoveryMillisecondsMax)); // any moment of the start
        }
        return await ChildArchive.StartAsync(_folder);
    }

    private async Task VerifyAsync(Tenant tenant, KillLoad load)
    {
        var listed = await load.AllThereAsync(tenant.Auditor);
        await Parallel.ForEachAsync(
            listed.Where(item => !_checked.Contains(item.Id)).ToArray(),
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (item, _) => Assert.Equal(load.Sent[item.Subject], Eml.Hash(await tenant.Auditor.RawAsync(item.Id))));
        await TraceAsync(tenant, load, [.. listed.Where(item => !_checked.Contains(item.Id)).Take(TracedPerRound)]);
        _checked.UnionWith(listed.Select(item => item.Id));
        await WaitUntil.TrueAsync("the spool is empty", () => SpoolFiles().Length == 0);
    }

    /// <summary>Each marker finds its message, whose receipt is the one that the sender was given.</summary>
    private static async Task TraceAsync(Tenant tenant, KillLoad load, IReadOnlyList<Listed> some)
    {
        foreach (var item in some)
        {
            Assert.Equal(1, (await tenant.Auditor.SearchAsync(item.Subject)).Total);
            var delivery = Assert.Single((await tenant.Auditor.MessageAsync(item.Id)).Deliveries);
            if (load.Acknowledged.TryGetValue(item.Subject, out var receipt)) Assert.Equal(receipt, delivery.Receipt);
        }
    }

    private string[] SpoolFiles() =>
        [.. _folder.Files("data", "spool").Where(file => file.EndsWith(".amq1", StringComparison.Ordinal))];
}
