using System.Security.Cryptography;
using AMA.Archive.Blobs;
using AMA.Archive.Sealing;

namespace AMA.Archive.Spool;

/// <summary>A segment whose signature was found right, over every byte of it.</summary>
/// <param name="Gateway">The name in the certificate.</param>
/// <param name="Sequence">Counts within <see cref="SegmentHead.GatewayId"/>.</param>
/// <param name="LastAcknowledged">Sequences up to it are no gap: written, or declared abandoned.</param>
public sealed record VerifiedSegment(
    SegmentHead Head, string Gateway, IReadOnlyList<SegmentRecord> Records, ulong Sequence, ulong LastAcknowledged,
    long Length);

/// <summary>
/// Checks a spool segment in one pass over its bytes, without any key: form, region, queue key's validity, chain, role,
/// signature. Records are opened with <see cref="SegmentOpener"/>. docs/formats/AMQ1.md.
/// </summary>
public static class SegmentReader
{
    private const int MinRecordBytes = Cobblestone.HeadBytes + Cobblestone.TagBytes;

    /// <summary>Throws <see cref="SegmentException"/>.</summary>
    public static VerifiedSegment Verify(ReadOnlyMemory<byte> segment, SegmentTrust trust)
    {
        // A source in memory never waits, so this is done when the call returns.
        var done = VerifyAsync(SegmentSource.Of(segment), trust, CancellationToken.None);
        return done.IsCompleted ? done.GetAwaiter().GetResult() : throw new InvalidOperationException("not in memory");
    }

    /// <summary>The same from a store, in bounded memory. Throws <see cref="BlobNotFoundException"/>, too.</summary>
    public static async ValueTask<VerifiedSegment> VerifyAsync(
        IBlobStore store, string name, SegmentTrust trust, CancellationToken cancel)
    {
        var info = await store.StatAsync(name, cancel) ?? throw new BlobNotFoundException(name);
        var segment = await VerifyAsync(SegmentSource.Of(store, name, info.Length), trust, cancel);
        SegmentException.Unless(
            SegmentNames.Of(segment.Head.Id) == name, SegmentFault.Format, $"{name} holds segment {segment.Head.Id}");
        return segment;
    }

    private static async ValueTask<VerifiedSegment> VerifyAsync(
        SegmentSource source, SegmentTrust trust, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var start = await source.NextAsync(SegmentHead.Bytes, cancel);
        hash.AppendData(start.Span);
        var head = SegmentHead.Read(start.Span);
        var certificate = await source.NextAsync(head.CertificateBytes, cancel);
        hash.AppendData(certificate.Span);
        var gateway = trust.Check(head, certificate.Span);

        var records = await ReadRecordsAsync(source, hash, cancel);
        var trailer = await source.NextAsync(SegmentTrailer.Bytes, cancel);
        hash.AppendData(trailer.Span[..SegmentTrailer.SignedBytes]);
        CheckSignature(hash, gateway, trailer.Span[SegmentTrailer.SignedBytes..]);
        var (count, sequence, acknowledged) = SegmentTrailer.Read(trailer.Span);
        SegmentException.Unless(count == records.Count, SegmentFault.Format, "the record count is wrong");
        return new VerifiedSegment(head, gateway.Identity.Name, records, sequence, acknowledged, source.Length);
    }

    private static async ValueTask<List<SegmentRecord>> ReadRecordsAsync(
        SegmentSource source, IncrementalHash hash, CancellationToken cancel)
    {
        var records = new List<SegmentRecord>();
        var end = source.Length - SegmentTrailer.Bytes;
        SegmentException.Unless(source.Position <= end, SegmentFault.Truncated, "no whole trailer");
        while (source.Position < end)
        {
            SegmentException.Unless(
                records.Count < SegmentLimits.RecordsMax, SegmentFault.Limit, "too many records");
            records.Add(await ReadRecordAsync(source, hash, (uint)records.Count, end, cancel));
        }
        return records;
    }

    private static async ValueTask<SegmentRecord> ReadRecordAsync(
        SegmentSource source, IncrementalHash hash, uint number, long end, CancellationToken cancel)
    {
        var offset = source.Position;
        SegmentException.Unless(end - offset >= RecordHeader.Bytes, SegmentFault.Truncated, "half a record header");
        using var recordHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = await source.NextAsync(RecordHeader.Bytes, cancel);
        var header = RecordHeader.Read(bytes.Span);
        hash.AppendData(bytes.Span);
        recordHash.AppendData(bytes.Span);
        SegmentException.Unless(header.RecNo == number, SegmentFault.Format, "records are not numbered in order");

        var rest = header.Length == RecordHeader.Streamed ? end - source.Position : header.Length;
        SegmentException.Unless(rest >= MinRecordBytes, SegmentFault.Format, "a record too short to be one");
        SegmentException.Unless(rest <= end - source.Position, SegmentFault.Truncated, "a record reaches too far");
        for (var stop = source.Position + rest; source.Position < stop;)
        {
            var wanted = (int)Math.Min(SegmentSource.PieceBytesMax, stop - source.Position);
            bytes = await source.NextAsync(wanted, cancel);
            hash.AppendData(bytes.Span);
            recordHash.AppendData(bytes.Span);
        }
        return new SegmentRecord(
            number, offset, RecordHeader.Bytes + rest, recordHash.GetHashAndReset(), header.Type, Flags: 0);
    }

    private static void CheckSignature(
        IncrementalHash hash, GatewayCertificate gateway, ReadOnlySpan<byte> signature)
    {
        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(sum);
        Span<byte> statement = stackalloc byte[SegmentTrailer.StatementBytes];
        SegmentTrailer.WriteStatement(sum, statement);
        SegmentException.Unless(
            gateway.Verify(statement, signature), SegmentFault.Signature, "the gateway did not sign this");
    }
}
