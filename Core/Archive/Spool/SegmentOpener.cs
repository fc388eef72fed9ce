using System.Security.Cryptography;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Archive.Spool;

/// <summary>
/// Opens records of one segment with the segment key. It checks no signature: a record is accepted by the SHA-256 that
/// the pass which checked the signature passed on (<see cref="SegmentRecord.Sha256"/>). Safe for many threads.
/// </summary>
public sealed class SegmentOpener : IDisposable
{
    private readonly Secret _key;

    private SegmentOpener(SegmentId id, Secret key)
    {
        Id = id;
        _key = key;
    }

    public SegmentId Id { get; }

    /// <param name="head">The segment's first <see cref="SegmentHead.Bytes"/> bytes.</param>
    /// <param name="queueKeys">The private half of a queue key, or null; stays the caller's.</param>
    /// <exception cref="SegmentException">QueueKeyUnknown, or the head is none.</exception>
    public static SegmentOpener Create(ReadOnlySpan<byte> head, Func<ulong, Secret?> queueKeys)
    {
        var read = SegmentHead.Read(head);
        var queueKey = queueKeys(read.QueueKeyId) ?? throw new SegmentException(
            SegmentFault.QueueKeyUnknown, $"queue key {read.QueueKeyId} isn't held here");
        return new SegmentOpener(read.Id, SegmentKey.Open(head, queueKey));
    }

    /// <summary>
    /// The same, reading the head from a spool store. Throws <see cref="BlobNotFoundException"/>, too.
    /// </summary>
    public static async ValueTask<SegmentOpener> CreateAsync(
        IBlobStore store, SegmentId id, Func<ulong, Secret?> queueKeys, CancellationToken cancel)
    {
        var head = new byte[SegmentHead.Bytes];
        var count = await store.ReadAsync(SegmentNames.Of(id), 0, head, cancel);
        var opener = Create(head.AsSpan(0, count), queueKeys);
        if (opener.Id == id) return opener;
        opener.Dispose();
        throw new SegmentException(SegmentFault.Changed, $"{SegmentNames.Of(id)} holds another segment");
    }

    /// <summary>Envelope and message of a record, from its bytes in the segment.</summary>
    /// <exception cref="SegmentException">Changed, Commitment, Authentication, Format, Truncated.</exception>
    public byte[] Open(SegmentRecord record, ReadOnlySpan<byte> bytes)
    {
        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, sum);
        SegmentException.Unless(
            sum.SequenceEqual(record.Sha256), SegmentFault.Changed, "not the bytes that were checked");
        Span<byte> context = stackalloc byte[RecordHeader.ContextBytes];
        ContextOf(record, bytes, context);
        try
        {
            return Cobblestone.Open(_key.Span, context, bytes[RecordHeader.Bytes..]);
        }
        catch (SealException fault)
        {
            throw Refused(record, fault);
        }
    }

    /// <summary>
    /// Reads the record from a store and opens it. For records up to <see cref="BlobLimits.SmallBytesMax"/>.
    /// </summary>
    public async ValueTask<byte[]> OpenAsync(IBlobStore store, SegmentRecord record, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(record.Length, BlobLimits.SmallBytesMax);
        var bytes = GC.AllocateUninitializedArray<byte>((int)record.Length);
        var count = await store.ReadAsync(SegmentNames.Of(Id), record.Offset, bytes, cancel);
        SegmentException.Unless(count == bytes.Length, SegmentFault.Changed, "the segment became shorter");
        return Open(record, bytes);
    }

    /// <summary>
    /// The plain bytes of a record of any length, as a stream for asynchronous reads. Bytes come out as their chunk
    /// opens; only whoever reads to the end has seen the hash agree. Faults are <see cref="SegmentException"/>.
    /// </summary>
    public async ValueTask<Stream> OpenStreamAsync(IBlobStore store, SegmentRecord record, CancellationToken cancel)
    {
        var source = new RecordStream(
            new BlobRangeStream(store, SegmentNames.Of(Id), record.Offset, record.Length), record);
        var header = new byte[RecordHeader.Bytes];
        await source.ReadExactlyAsync(header, cancel);
        return new OpenedRecordStream(BeginStream(source, record, header), record);
    }

    public void Dispose() => _key.Dispose();

    private CobblestoneReader BeginStream(Stream source, SegmentRecord record, byte[] header)
    {
        Span<byte> context = stackalloc byte[RecordHeader.ContextBytes];
        ContextOf(record, header, context);
        return new CobblestoneReader(source, _key.Span, context);
    }

    private void ContextOf(SegmentRecord record, ReadOnlySpan<byte> bytes, Span<byte> context)
    {
        var header = RecordHeader.Read(bytes);
        SegmentException.Unless(header.RecNo == record.RecNo, SegmentFault.Changed, "another record than asked for");
        header.WriteContext(Id, context);
    }

    internal static SegmentException Refused(SegmentRecord record, SealException fault) => new(
        fault.Fault == SealFault.Commitment ? SegmentFault.Commitment : SegmentFault.Authentication,
        $"record {record.RecNo} does not open: {fault.Message}", fault);
}
