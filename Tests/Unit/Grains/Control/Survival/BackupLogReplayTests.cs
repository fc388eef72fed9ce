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
        await foreach (var leaf in new BackupLogReplay(backup).LeavesAsync(Tenant, default)) leaves.Add(leaf.Leaf);
        return leaves;
    }
}
