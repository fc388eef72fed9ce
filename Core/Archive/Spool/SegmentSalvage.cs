using System.Security.Cryptography;
using AMA.Archive.Keys;

namespace AMA.Archive.Spool;

/// <summary>
/// What can still be told of a segment that was refused: how many records it seems to hold, and whose. Nobody's signature
/// vouches for it, so it is good for counting what is in quarantine and for nothing else.
/// </summary>
public static class SegmentSalvage
{
    /// <summary>An entry for each record, in order; null: it doesn't open. Empty: nothing can be told.</summary>
    /// <param name="queueKeys">The private half of a queue key, or null; stays the caller's.</param>
    public static IReadOnlyList<Envelope?> Read(ReadOnlyMemory<byte> segment, Func<ulong, Secret?> queueKeys)
    {
        var found = new List<Envelope?>();
        try
        {
            var head = SegmentHead.Read(segment.Span);
            using var opener = SegmentOpener.Create(segment.Span[..SegmentHead.Bytes], queueKeys);
            var end = segment.Length - SegmentTrailer.Bytes;
            for (var at = SegmentHead.Bytes + head.CertificateBytes;
                at < end && found.Count < SegmentLimits.RecordsMax && LengthAt(segment.Span[at..end]) is { } length;
                at += length)
                found.Add(TryOpen(opener, (uint)found.Count, at, segment.Span.Slice(at, length)));
        }
        catch (SegmentException)
        {
            // No head, no key, or no record head: what was found until then is all there is.
        }
        return found;
    }

    /// <summary>Of the record that begins here, its head included; null: none does.</summary>
    private static int? LengthAt(ReadOnlySpan<byte> rest)
    {
        var header = RecordHeader.Read(rest);
        if (header.Length == RecordHeader.Streamed) return rest.Length;
        return header.Length <= rest.Length - RecordHeader.Bytes ? RecordHeader.Bytes + (int)header.Length : null;
    }

    private static Envelope? TryOpen(SegmentOpener opener, uint number, long at, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var record = new SegmentRecord(
                number, at, bytes.Length, SHA256.HashData(bytes), SegmentRecordType.Mail, Flags: 0);
            return EnvelopeCodec.Decode(opener.Open(record, bytes), out _);
        }
        catch (Exception fault) when (fault is SegmentException or EnvelopeException)
        {
            return null;
        }
    }
}
