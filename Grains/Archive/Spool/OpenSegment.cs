using AMA.Archive.Blobs;
using AMA.Archive.Spool;

namespace AMA.Grains.Archive.Spool;

/// <summary>
/// A segment whose signature was checked, with the key that opens it. Its bytes are here while it is small; a large
/// one is read from the store that the check read.
/// </summary>
public sealed class OpenSegment(
    VerifiedSegment verified, SegmentOpener opener, ReadOnlyMemory<byte> bytes, IBlobStore store) : IDisposable
{
    private const int EnvelopeReadBytes = EnvelopeLimits.BytesMax;

    public VerifiedSegment Verified => verified;
    public IReadOnlyList<SegmentRecord> Records => verified.Records;

    /// <summary>Bytes held in memory.</summary>
    public long Weight => bytes.Length;

    public bool InMemory => bytes.Length > 0;

    /// <summary>Envelope and message of a segment in memory, as one. Throws <see cref="SegmentException"/>.</summary>
    public byte[] Open(uint recNo)
    {
        var record = Records[(int)recNo];
        return opener.Open(record, bytes.Span.Slice((int)record.Offset, (int)record.Length));
    }

    /// <summary>The same of any segment.</summary>
    public async ValueTask<byte[]> OpenAsync(uint recNo, CancellationToken cancel)
    {
        if (InMemory) return Open(recNo);
        var record = Records[(int)recNo];
        await using var plain = await opener.OpenStreamAsync(store, record, cancel);
        var whole = GC.AllocateUninitializedArray<byte>(checked((int)record.PlainLength));
        await plain.ReadExactlyAsync(whole, cancel);
        // The hash is compared at the end of the stream, so the end must be read.
        if (await plain.ReadAsync(new byte[1], cancel) != 0)
            throw new SegmentException(SegmentFault.Changed, "the record is longer than announced");
        return whole;
    }

    /// <summary>The envelope alone, without reading a large message.</summary>
    public async ValueTask<Envelope> EnvelopeAsync(uint recNo, CancellationToken cancel)
    {
        if (InMemory) return EnvelopeCodec.Decode(Open(recNo), out _);
        await using var plain = await opener.OpenStreamAsync(store, Records[(int)recNo], cancel);
        var start = new byte[EnvelopeReadBytes];
        var count = await plain.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancel);
        return EnvelopeCodec.Decode(start.AsSpan(0, count), out _);
    }

    public void Dispose() => opener.Dispose();
}
