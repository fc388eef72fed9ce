using AMA.Archive.Log;
using AMA.Tests.Unit.Core.Archive.Sealing;
using AMA.Tests.Unit.Vectors;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Log;

public class LogVectorTests
{
    [Fact]
    public void Batch_AllVectors() => VectorRun.All(
        "AML1.vector", @case => LogBatch.Decode(@case.Bytes("batch")), @case =>
        {
            var batch = LogBatch.Decode(@case.Bytes("batch"));
            Assert.Equal(
                (@case.Number("number"), @case.Number("fence"), @case.Number("first")),
                ((long)batch.Number, (long)batch.Fence, (long)batch.FirstLeafIndex));
            Assert.Equal(@case.Bytes("previous"), batch.PreviousHash);
            Assert.Equal(@case.Text("nonce"), batch.WriterNonce.ToString("N"));
            Assert.Equal(@case.Bytes("hash"), batch.Hash);
            Assert.Equal(@case.FieldNames.Count(field => field.StartsWith("leaf-")), batch.Entries.Count);
            for (var i = 0; i < batch.Entries.Count; i++) AssertEntry(@case, i, batch.Entries[i]);
            Assert.Equal(@case.FieldNames.Count(field => field.StartsWith("tally-")), batch.Tallies.Count);
            foreach (var (i, tally) in batch.Tallies.Index()) AssertTally(@case.Bytes($"tally-{i}"), tally);
        });

    private static void AssertTally(byte[] expected, LogTally tally)
    {
        Assert.Equal(expected[..16], tally.Source.ToByteArray(bigEndian: true));
        Assert.Equal(expected[16..20], BitConverter.GetBytes(tally.Archived).Reverse());
        Assert.Equal(expected[20..24], BitConverter.GetBytes(tally.Further).Reverse());
        Assert.Equal(expected[24..32], BitConverter.GetBytes(tally.MessageBytes).Reverse());
        Assert.Equal(
            expected[32..], BitConverter.GetBytes(tally.LastAccepted.ToUnixTimeMilliseconds()).Reverse());
    }

    private static void AssertEntry(VectorCase @case, int number, LogEntry entry)
    {
        var leaf = new byte[LogLeaf.Bytes];
        entry.Leaf.Write(leaf);
        Assert.Equal(@case.Bytes($"leaf-{number}"), leaf);
        var reference = @case.Bytes($"reference-{number}");
        Assert.Equal((reference[0] & 1) != 0, entry.Delivery is not null);
        Assert.Equal((reference[0] & 2) != 0, entry.Pack is not null);
        var delivery = new byte[20];
        entry.Delivery?.Write(delivery);
        Assert.Equal(reference[1..21], delivery);
        Assert.Equal(reference[21..37], (entry.Pack ?? Guid.Empty).ToByteArray(bigEndian: true));
        Assert.Equal(reference[37..41], BitConverter.GetBytes(entry.PackRecord).Reverse());
        Assert.Equal((reference[0] & 4) != 0, entry.Accepted is not null);
        var at = entry.Accepted?.At.ToUnixTimeMilliseconds() ?? 0;
        Assert.Equal(reference[41..49], BitConverter.GetBytes(at).Reverse());
        Assert.Equal(reference[49..], (entry.Accepted?.Source ?? Guid.Empty).ToByteArray(bigEndian: true));
    }
}
