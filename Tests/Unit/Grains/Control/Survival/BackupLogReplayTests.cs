using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Log;
using AMA.Grains.Control.Survival;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.Survival;

/// <summary>Backup keeps whatever was written; two writers that race leave two batches of one number there.</summary>
public class BackupLogReplayTests
{
    private static readonly TenantId Tenant = new(new Guid(7, 0, 0, new byte[8]));

    private readonly MemoryBlobStore _backup = new();

    [Fact]
    public async Task OfTwoBatchesOfOneNumber_TheOneThatTheNextFollowsCounts_WhicheverIsFirstByName()
    {
        for (var rival = 0u; rival < 8; rival++) // either comes first in some rounds
        {
            var backup = new MemoryBlobStore();
            var first = await PutAsync(backup, null, 1);
            await PutAsync(backup, first, 100 + rival);
            var second = await PutAsync(backup, first, 2);
            await PutAsync(backup, second, 200 + rival);
            await PutAsync(backup, await PutAsync(backup, second, 3), 4);
            Assert.Equal([1u, 2, 3, 4], await ReadAsync(backup));
        }
    }

    [Fact]
    public async Task ForkAtTheEnd_WhatEitherErasesIsErased()
    {
        var first = await PutAsync(_backup, null, 1);
        await PutAsync(_backup, first, 2);
        await PutAsync(_backup, first, 3);
        Assert.Equal((uint[])[1, 2, 3], (await ReadAsync(_backup)).Order());
    }

    [Fact]
    public async Task Gap_OrBatchThatFollowsNone_IsRefused()
    {
        var first = await PutAsync(_backup, null, 1);
        var second = new LogBatch(2, first.Hash, 1, Guid.Empty, 1, first.Entries);
        await PutAsync(_backup, second, 3);
        Assert.Equal(LogFault.Gap, (await Assert.ThrowsAsync<LogException>(() => ReadAsync(_backup))).Fault);

        await PutAsync(_backup, first, 9);
        Assert.Equal(LogFault.Gap, (await Assert.ThrowsAsync<LogException>(() => ReadAsync(_backup))).Fault);
    }

    [Fact]
    public async Task Threat_37_ReplayThatWasCut_GoesOnWhereItWasDurable_AndSeesEachLeafOnce()
    {
        LogBatch? last = null;
        for (var leaf = 1u; leaf <= 2 * ReplayPieces.BatchesMax + 3; leaf++) last = await PutAsync(_backup, last, leaf);
        var whole = await PiecesAsync(Start());
        Assert.Equal(3, whole.Count);
        Assert.Equal([false, false, true], whole.Select(piece => piece.IsLast));
        Assert.Equal(Enumerable.Range(1, (int)last!.Number), LeavesOf(whole).Order());
        Assert.Equal(last.Number, whole[^1].Number);
        for (var cut = 0; cut < 2; cut++)
        {
            var rest = await PiecesAsync(Start() with { Number = whole[cut].Number, Hash = whole[cut].Hash });
            // A batch may come again, none may be missing.
            Assert.Empty(LeavesOf(whole.Skip(cut + 1)).Except(LeavesOf(rest)));
            Assert.True(rest[^1].IsLast);
        }
    }

    [Fact]
    public async Task Threat_37_BackupThatIsGone_InTheMiddleOfAReplay_IsNoEndOfTheLog()
    {
        var first = await PutAsync(_backup, null, 1);
        var start = Start() with { Number = first.Number, Hash = first.Hash };
        Assert.True(Assert.Single(await PiecesAsync(start)).IsLast);
        var gone = await Assert.ThrowsAsync<LogException>(
            () => PiecesAsync(start with { Hash = LogLeaf.NoHash }));
        Assert.Equal(LogFault.Truncated, gone.Fault);
        await Assert.ThrowsAsync<LogException>(() => PiecesAsync(Start() with { IsUsed = true }, new MemoryBlobStore()));
        var unseen = new KnownSubtree(1, 1, 0, 100, 200);
        await Assert.ThrowsAsync<LogException>(() => PiecesAsync(Start() with { Unseen = [unseen] }));
        Assert.Empty((await PiecesAsync(Start() with { Unseen = [unseen with { FirstLeaf = 1 }] }))[^1].Unseen);
    }

    private static ReplayStart Start() => new(0, LogLeaf.NoHash, [], false);

    private static IEnumerable<int> LeavesOf(IEnumerable<ReplayPiece> pieces) =>
        pieces.SelectMany(piece => piece.Leaves).Select(leaf => (int)leaf.Leaf);

    private async Task<List<ReplayPiece>> PiecesAsync(ReplayStart start, IBlobStore? backup = null)
    {
        var pieces = new List<ReplayPiece>();
        await foreach (var piece in ReplayPieces.ReadAsync(new BackupLogReplay(backup ?? _backup), Tenant, start, default))
            pieces.Add(piece);
        return pieces;
    }

    private static async Task<LogBatch> PutAsync(MemoryBlobStore backup, LogBatch? before, uint leaf)
    {
        var entry = new LogLeaf(
            LeafType.Punctured, Region.Eu, 1, DateTimeOffset.UnixEpoch, Tenant, default, leaf, 1, 0, 0, LogLeaf.NoHash,
            LogLeaf.NoHash, LogLeaf.NoHash);
        var batch = new LogBatch(
            (before?.Number ?? 0) + 1, before?.Hash ?? LogLeaf.NoHash, 1, Guid.Empty, before?.NextLeafIndex ?? 0,
            [new LogEntry(entry, null, null, 0)]);
        await backup.PutIfAbsentAsync(LogNames.InBackup(batch), batch.Encode(), default);
        return batch;
    }

    private static async Task<List<uint>> ReadAsync(IBlobStore backup)
    {
        var leaves = new List<uint>();
        await foreach (var (batch, _) in new BackupLogReplay(backup).BatchesAsync(Tenant, (0, LogLeaf.NoHash), default))
            leaves.AddRange(batch.Entries.Select(entry => entry.Leaf.Leaf));
        return leaves;
    }
}
