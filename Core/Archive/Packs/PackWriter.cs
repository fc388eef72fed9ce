using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Packs;

/// <summary>
/// Builds a pack in order: header, records, footer. Bytes go to a buffer that the caller may drain in between. Not
/// thread-safe. After <see cref="Finish"/> the pack is to be opened again with <see cref="PackVerifier"/> before
/// anything relies on it.
/// </summary>
public sealed class PackWriter
{
    private readonly PackHeader _header;
    private readonly IBufferWriter<byte> _target;
    private readonly byte[] _headerBytes = new byte[PackHeader.Bytes];
    private readonly List<PackRecord> _records = [];
    private readonly HashSet<uint> _leaves = [];
    private bool _closed;

    public PackWriter(PackHeader header, IBufferWriter<byte> target)
    {
        _header = header;
        _target = target;
        header.Write(_headerBytes);
        target.Write(_headerBytes);
    }

    /// <summary>Bytes of the pack until now.</summary>
    public long Length { get; private set; } = PackHeader.Bytes;

    public IReadOnlyList<PackRecord> Records => _records;

    /// <summary>A whole pack of whole sealed messages, in memory.</summary>
    public static byte[] Build(PackHeader header, IReadOnlyList<byte[]> messages, out PackRecord[] records)
    {
        var target = new ArrayBufferWriter<byte>(messages.Sum(message => message.Length) + 4096);
        var writer = new PackWriter(header, target);
        foreach (var message in messages) writer.Add(message);
        records = writer.Finish();
        return target.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Adds a whole sealed message (AMA1). Throws <see cref="SealException"/> (Context) when it belongs to another
    /// part, policy or generation, or when its leaf stands in this pack already; (Limit) when the pack is full.
    /// </summary>
    public PackRecord Add(ReadOnlySpan<byte> message)
    {
        var header = AmaHeader.Read(message);
        Admit(header);
        var body = message[AmaHeader.Bytes..];
        Cobblestone.PlainLength(body.Length);
        var record = _target.GetSpan(PackRecordHead.Bytes + body.Length);
        PackRecordHead.Of(header, (uint)body.Length).Write(record);
        body.CopyTo(record[PackRecordHead.Bytes..]);
        _target.Advance(PackRecordHead.Bytes + body.Length);
        return Listed(header, body.Length, SHA256.HashData(message));
    }

    /// <summary>
    /// Seals a payload straight into the pack: the same bytes as <see cref="Add"/>, with a copy less.
    /// </summary>
    public PackRecord Seal(ReadOnlySpan<byte> leafKey, AmaHeader header, ReadOnlySpan<byte> payload, IRandom random)
    {
        Admit(header);
        var length = checked((int)Cobblestone.SealedLength(payload.Length));
        var record = _target.GetSpan(PackRecordHead.Bytes + length);
        Span<byte> rebuilt = stackalloc byte[AmaHeader.Bytes];
        header.Write(rebuilt);
        var body = record.Slice(PackRecordHead.Bytes, length);
        SealedMessage.SealBody(leafKey, rebuilt, payload, random, body);
        PackRecordHead.Of(header, (uint)length).Write(record);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(rebuilt);
        hash.AppendData(body);
        _target.Advance(PackRecordHead.Bytes + length);
        return Listed(header, length, hash.GetHashAndReset());
    }

    /// <summary>
    /// Begins a record of unknown length, the pack's last. The caller writes and finishes what it gets, hands it to
    /// <see cref="EndStreamed"/>, and may drain the target in between.
    /// </summary>
    public StreamedRecord BeginStreamed(ReadOnlySpan<byte> leafKey, AmaHeader header, IRandom random)
    {
        Admit(header);
        _closed = true;
        PackRecordHead.Of(header, PackRecordHead.Streamed).Write(_target.GetSpan(PackRecordHead.Bytes));
        _target.Advance(PackRecordHead.Bytes);
        return new StreamedRecord(leafKey, header, random, _target);
    }

    public PackRecord EndStreamed(StreamedRecord record)
    {
        SealException.Unless(
            record.Sealed.SealedBytes <= PackLimits.BodyBytesMax, SealFault.Limit, "too long for a pack");
        return Listed(record.Header, record.Sealed.SealedBytes, record.Hash());
    }

    /// <summary>Writes the footer; nothing follows.</summary>
    public PackRecord[] Finish()
    {
        if (_records.Count == 0) throw new InvalidOperationException("a pack holds at least one record");
        _closed = true;
        PackFooter.Write(_headerBytes, _records, Length, _target);
        Length += _records.Count * PackRecord.EntryBytes + PackFooter.TrailerBytes;
        return [.. _records];
    }

    private void Admit(AmaHeader message)
    {
        if (_closed) throw new InvalidOperationException("the pack's last record is written");
        SealException.Unless(_records.Count < PackLimits.RecordsMax, SealFault.Limit, "the pack is full");
        SealException.Unless(_header.Fits(message), SealFault.Context, "a message of another pack");
        SealException.Unless(_leaves.Add(message.Leaf), SealFault.Context, "a second message under one leaf");
    }

    private PackRecord Listed(AmaHeader header, long bodyBytes, byte[] sha256)
    {
        var length = PackRecordHead.Bytes + bodyBytes;
        var record = new PackRecord(
            _records.Count, Length, length, header.Id, header.Leaf, sha256, header.Flags, header.Compression);
        _records.Add(record);
        Length += length;
        return record;
    }
}
