using AMA.Archive.Ids;
using AMA.Archive.Log;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Log;

public sealed class LogBatchTests
{
    private readonly SeededIds _random = new(41);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(3_000)]
    public void Batch_ComesBackAsItWas(int entries)
    {
        var batch = LogSamples.Batch(_random, entries);
        var back = LogBatch.Decode(batch.Encode());
        Assert.Equal(
            (batch.Number, batch.Fence, batch.WriterNonce, batch.FirstLeafIndex, batch.Tenant),
            (back.Number, back.Fence, back.WriterNonce, back.FirstLeafIndex, back.Tenant));
        Assert.Equal(batch.PreviousHash, back.PreviousHash);
        Assert.Equal(batch.Hash, back.Hash);
        Assert.Equal(entries, back.Entries.Count);
        Assert.Equal(batch.Tallies, back.Tallies);
        for (var i = 0; i < entries; i++) LogSamples.AssertSame(batch.Entries[i], back.Entries[i]);
        Assert.Equal(batch.Encode(), back.Encode());
    }

    [Fact]
    public void EntryWithoutDeliveryOrPack_ComesBackWithoutThem()
    {
        var entry = new LogEntry(LogSamples.Leaf(_random, type: LeafType.Hold), null, null, 0);
        var batch = new LogBatch(1, LogLeaf.NoHash, 1, _random.NextId(), 0, [entry]);
        LogSamples.AssertSame(entry, LogBatch.Decode(batch.Encode()).Entries[0]);
    }

    [Fact]
    public void Tallies_SumUpDeliveriesBySource()
    {
        var (one, other) = (new Guid(2, 0, 0, new byte[8]), new Guid(1, 0, 0, new byte[8]));
        var later = LogSamples.Time.AddSeconds(1);
        Assert.Equal(
            [new LogTally(other, 0, 1, 5, later), new LogTally(one, 2, 0, 30, later)],
            LogTally.Of([(one, false, 10, later), (other, true, 5, later), (one, false, 20, LogSamples.Time)]));
    }

    [Fact]
    public void ManyLeaves_AreCompressed()
    {
        var batch = LogSamples.Batch(_random, 1_000);
        Assert.InRange(batch.Encode().Length, 1_000 * 100, 1_000 * 170);
    }

    [Fact]
    public void Threat_12_EveryBitFlip_IsFound()
    {
        var bytes = LogSamples.Batch(_random).Encode().ToArray();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            var fault = Record.Exception(() => LogBatch.Decode(bytes));
            Assert.True(fault is LogException, $"bit {bit}: {fault}");
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
        Assert.Equal(5, LogBatch.Decode(bytes).Entries.Count);
    }

    [Fact]
    public void Threat_12_EveryCutTail_IsFound()
    {
        var bytes = LogSamples.Batch(_random).Encode();
        for (var length = 0; length < bytes.Length; length++)
            Assert.NotNull(Record.Exception(() => LogBatch.Decode(bytes.AsMemory(0, length))) as LogException);
        Assert.NotNull(Record.Exception(() => LogBatch.Decode((byte[])[.. bytes, 0])) as LogException);
    }

    [Fact]
    public void LeavesOfTwoTenants_NeverShareABatch()
    {
        var batch = new LogBatch(
            1, LogLeaf.NoHash, 1, default, 0,
            [LogSamples.Entry(_random), LogSamples.Entry(_random, LogSamples.OtherTenant)]);
        Assert.Equal(LogFault.Place, Assert.Throws<LogException>(batch.Encode).Fault);
    }

    [Fact]
    public void Names_SortByNumber_AndBackupsNameBindsTheContent()
    {
        var batch = LogSamples.Batch(_random);
        var prefix = $"log/{LogSamples.Tenant}/";
        Assert.Equal($"{prefix}000000000004.aml1", LogNames.Of(LogSamples.Tenant, 4));
        var hash = Convert.ToHexStringLower(batch.Hash)[..16];
        Assert.Equal($"{prefix}000000000004-{hash}.aml1", LogNames.InBackup(batch));
        Assert.True(string.CompareOrdinal(
            LogNames.Of(LogSamples.Tenant, 99_999), LogNames.Of(LogSamples.Tenant, 100_000)) < 0);
    }
}
