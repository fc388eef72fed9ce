using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using AMA.Archive.Sealing;

namespace AMA.Archive.Packs;

/// <summary>The end of a pack: entries, then a trailer of 48 bytes. docs/formats/AMP1.md, "Footer".</summary>
internal static class PackFooter
{
    public const int TrailerBytes = 48;

    private const int HashedTrailerBytes = 16;

    private static ReadOnlySpan<byte> Magic => "AMPF"u8;

    public static void Write(byte[] header, List<PackRecord> records, long footerAt, IBufferWriter<byte> target)
    {
        var length = records.Count * PackRecord.EntryBytes + TrailerBytes;
        var footer = target.GetSpan(length)[..length];
        for (var i = 0; i < records.Count; i++) records[i].WriteEntry(footer[(i * PackRecord.EntryBytes)..]);
        var trailer = footer[^TrailerBytes..];
        Magic.CopyTo(trailer);
        BinaryPrimitives.WriteInt32BigEndian(trailer[4..], records.Count);
        BinaryPrimitives.WriteInt64BigEndian(trailer[8..], footerAt);
        Hash(header, footer[..^(TrailerBytes - HashedTrailerBytes)], trailer[HashedTrailerBytes..]);
        target.Advance(length);
    }

    /// <summary>Where the footer begins, by the trailer. Throws (Truncated, Format, Limit).</summary>
    public static long FindStart(ReadOnlySpan<byte> tail, long packLength)
    {
        SealException.Unless(tail.Length >= TrailerBytes, SealFault.Truncated, "no whole trailer");
        var trailer = tail[^TrailerBytes..];
        SealException.Unless(trailer[..4].SequenceEqual(Magic), SealFault.Truncated, "no footer at the end");
        var count = BinaryPrimitives.ReadUInt32BigEndian(trailer[4..]);
        SealException.Unless(count <= PackLimits.RecordsMax, SealFault.Limit, "more records than a pack may hold");
        var start = BinaryPrimitives.ReadInt64BigEndian(trailer[8..]);
        var whole = count > 0 && start > PackHeader.Bytes
            && start == packLength - TrailerBytes - count * PackRecord.EntryBytes;
        SealException.Unless(whole, SealFault.Format, "the footer isn't where the trailer says");
        return start;
    }

    /// <summary>The records of a whole footer. Throws <see cref="SealException"/>: Content, Format, Reserved.</summary>
    public static PackRecord[] Read(ReadOnlySpan<byte> header, ReadOnlySpan<byte> footer, long footerAt)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(header, footer[..^(TrailerBytes - HashedTrailerBytes)], hash);
        SealException.Unless(hash.SequenceEqual(footer[^hash.Length..]), SealFault.Content, "the footer was changed");
        var region = (ushort)PackHeader.Read(header).Region;
        var records = new PackRecord[(footer.Length - TrailerBytes) / PackRecord.EntryBytes];
        var offset = (long)PackHeader.Bytes;
        for (var i = 0; i < records.Length; i++)
        {
            var entry = footer.Slice(i * PackRecord.EntryBytes, PackRecord.EntryBytes);
            records[i] = PackRecord.ReadEntry(i, offset, entry, region);
            offset += records[i].Length;
        }
        SealException.Unless(offset == footerAt, SealFault.Format, "the records don't fill the pack");
        var leaves = records.Select(record => record.Leaf).Distinct().Count();
        SealException.Unless(leaves == records.Length, SealFault.Format, "two records under one leaf");
        return records;
    }

    private static void Hash(ReadOnlySpan<byte> header, ReadOnlySpan<byte> footer, Span<byte> destination)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        hash.AppendData(footer);
        hash.GetHashAndReset(destination);
    }
}
