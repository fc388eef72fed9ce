using AMA.Adapters.Local;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Log;
using AMA.Tests.Unit.Adapters.Local;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Log;

/// <summary>
/// Forced duplicate writers of one tenant's log, over a store that loses calls and answers. What must hold whatever
/// happens: every commit that was answered is in the log exactly once, in order; every commit that was answered
/// "fenced" is not; the log is one chain; fences never fall.
/// </summary>
public sealed class TwoWritersTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Threat_12_ThousandRoundsOfTwoWriters_OneHistory()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            var store = new MemoryBlobStore();
            await new Round(store, seed, faultsPerMille: 0).RunAsync(Cancel);
        }
    }

    [Fact]
    public async Task Threat_12_ThousandRoundsWithLostCallsAndAnswers_OneHistory()
    {
        for (var seed = 1_000; seed < 2_000; seed++)
        {
            var store = new MemoryBlobStore();
            await new Round(store, seed, faultsPerMille: 150).RunAsync(Cancel);
        }
    }

    [Fact]
    public async Task Threat_12_WritersInParallelOverFiles_OneHistory()
    {
        using var folder = new TempFolder();
        var random = new SeededIds(61);
        var stores = Enumerable.Range(0, 4).Select(_ => new FileBlobStore(folder.Path, new DurableFiles())).ToList();
        var acknowledged = await Task.WhenAll(
            stores.Select((store, number) => WriteUntilFencedAsync(store, random, number)));
        var log = await new TenantLog(stores[0], LogSamples.Tenant).ReadAsync(1, Cancel).ToListAsync(Cancel);
        Round.AssertHistory(log, [.. acknowledged.SelectMany(records => records)], [], "files, seed 61");
        foreach (var store in stores) store.Dispose();
    }

    private static async Task<List<RecordId>> WriteUntilFencedAsync(FileBlobStore store, SeededIds random, int number)
    {
        var acknowledged = new List<RecordId>();
        for (var fence = (ulong)number + 1; fence < 40; fence += 4)
        {
            var log = new TenantLog(store, LogSamples.Tenant);
            try
            {
                await log.TakeOverAsync(fence, random.NextId(), Region.Eu, LogSamples.Time, Cancel);
            }
            catch (LogException late) when (late.Fault == LogFault.Fenced)
            {
                continue;
            }
            for (var i = 0; i < 20; i++)
            {
                var entries = LogSamples.Entries(random, 2);
                if (!(await log.CommitAsync(entries, Cancel)).Committed) break;
                acknowledged.AddRange(entries.Select(entry => entry.Leaf.Record));
            }
        }
        return acknowledged;
    }

    /// <summary>Two writers take turns by chance; each dies, takes over and commits by chance.</summary>
    private sealed class Round
    {
        private readonly MemoryBlobStore _store;
        private readonly Random _chance;
        private readonly SeededIds _random;
        private readonly int _seed;
        private readonly int _faultsPerMille;
        private readonly TenantLog[] _writers;
        private readonly List<RecordId> _acknowledged = [];
        private readonly List<RecordId> _fenced = [];
        private ulong _fence;

        public Round(MemoryBlobStore store, int seed, int faultsPerMille)
        {
            (_store, _seed, _faultsPerMille) = (store, seed, faultsPerMille);
            (_chance, _random) = (new Random(seed), new SeededIds(seed));
            _writers = [NewWriter(), NewWriter()];
        }

        public async Task RunAsync(CancellationToken cancel)
        {
            _store.Faults = (_, _) => _chance.Next(1_000) >= _faultsPerMille ? BlobFault.None
                : _chance.Next(2) == 0 ? BlobFault.Before : BlobFault.After;
            for (var step = 0; step < 16; step++) await StepAsync(_chance.Next(2), cancel);
            _store.Faults = (_, _) => BlobFault.None;
            var log = await NewWriter().ReadAsync(1, cancel).ToListAsync(cancel);
            AssertHistory(log, _acknowledged, _fenced, $"seed {_seed}");
        }

        private async Task StepAsync(int who, CancellationToken cancel)
        {
            try
            {
                if (_chance.Next(100) < 5) _writers[who] = NewWriter();
                else if (_writers[who].Position is null || _chance.Next(100) < 15)
                    await _writers[who].TakeOverAsync(++_fence, _random.NextId(), Region.Eu, LogSamples.Time, cancel);
                else await CommitAsync(_writers[who], cancel);
            }
            catch (Exception fault) when (fault is BlobStoreException or LogException { Fault: LogFault.Uncertain })
            {
                // As a grain does: the activation ends, and the next one takes over.
                _writers[who] = NewWriter();
            }
        }

        private async Task CommitAsync(TenantLog writer, CancellationToken cancel)
        {
            var entries = LogSamples.Entries(_random, 1 + _chance.Next(3));
            var result = await writer.CommitAsync(entries, cancel);
            (result.Committed ? _acknowledged : _fenced).AddRange(entries.Select(entry => entry.Leaf.Record));
        }

        private TenantLog NewWriter() => new(_store, LogSamples.Tenant);

        public static void AssertHistory(
            List<LogBatch> log, List<RecordId> acknowledged, List<RecordId> fenced, string seed)
        {
            var written = log.SelectMany(batch => batch.Entries).Select(entry => entry.Leaf)
                .Where(leaf => leaf.Type == LeafType.Archived).Select(leaf => leaf.Record).ToList();
            Assert.True(written.Count == written.Distinct().Count(), $"{seed}: doubled");
            Assert.True(acknowledged.All(written.Contains), $"{seed}: an acknowledged record is missing");
            Assert.False(fenced.Any(written.Contains), $"{seed}: a fenced record was written");
            Assert.True(
                log.Zip(log.Skip(1)).All(pair => pair.First.Fence <= pair.Second.Fence), $"{seed}: the fence falls");
        }
    }
}
