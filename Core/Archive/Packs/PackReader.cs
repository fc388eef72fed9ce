using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Blobs;
using AMA.Archive.Sealing;

namespace AMA.Archive.Packs;

/// <summary>
/// A pack, opened from its end: two or three ranged reads list the records, one more reads a message. Immutable and,
/// over a store, usable by several callers at a time. Needs no key; faults are <see cref="SealException"/>.
/// </summary>
public sealed class PackReader
{
    /// <summary>One read of this many bytes finds the footer of a pack of up to 1,100 records.</summary>
    private const int TailBytes = 64 << 10;

    private const int ReadAheadBytes = 256 << 10;

    private readonly IPackBytes _bytes;

    private PackReader(IPackBytes bytes, PackHeader header, PackRecord[] records)
    {
        _bytes = bytes;
        Header = header;
        Records = records;
    }

    public PackHeader Header { get; }

    public IReadOnlyList<PackRecord> Records { get; }

    /// <summary>
    /// Throws <see cref="BlobNotFoundException"/>, and <see cref="SealException"/>: Context when the blob is another
    /// pack than its name says, else Truncated, Format, Reserved, Content, Limit.
    /// </summary>
    public static async ValueTask<PackReader> OpenAsync(IBlobStore store, string name, CancellationToken cancel)
    {
        var info = await store.StatAsync(name, cancel) ?? throw new BlobNotFoundException(name);
        var reader = await OpenAsync(new PackInStore(store, name, info.Length), cancel);
        var named = name == PackNames.Of(reader.Header.Part, reader.Header.PackId);
        SealException.Unless(named, SealFault.Context, $"{name} holds another pack");
        return reader;
    }

    /// <summary>A pack in memory, whatever its name.</summary>
    public static ValueTask<PackReader> OpenAsync(ReadOnlyMemory<byte> pack, CancellationToken cancel) =>
        OpenAsync(new PackInMemory(pack), cancel);

    /// <summary>The whole sealed message, its header rebuilt: byte for byte what was added.</summary>
    public async ValueTask<byte[]> ReadMessageAsync(int number, CancellationToken cancel)
    {
        var record = Records[number];
        SealException.Unless(
            record.MessageLength <= PackLimits.MessageInMemoryBytesMax, SealFault.Limit, "too long for memory");
        var message = GC.AllocateUninitializedArray<byte>((int)record.MessageLength);
        var at = AmaHeader.Bytes - PackRecordHead.Bytes;
        await _bytes.ReadAsync(record.Offset, message.AsMemory(at), cancel);
        HeaderOf(record, message.AsSpan(at)).Write(message);
        return message;
    }

    /// <summary>
    /// A message of any length: its header, and what follows as a stream for the caller to dispose of.
    /// </summary>
    public async ValueTask<PackedMessage> OpenMessageAsync(int number, CancellationToken cancel)
    {
        var record = Records[number];
        var head = new byte[PackRecordHead.Bytes];
        await _bytes.ReadAsync(record.Offset, head, cancel);
        var body = new PackRange(_bytes, record.Offset + head.Length, record.Length - head.Length);
        return new PackedMessage(HeaderOf(record, head), new BufferedStream(body, ReadAheadBytes));
    }

    /// <summary>
    /// The numbers of records that aren't what the footer's hashes say. Needs no key; reads everything.
    /// </summary>
    public async ValueTask<IReadOnlyList<int>> FindDamagedAsync(CancellationToken cancel)
    {
        var damaged = new List<int>();
        foreach (var record in Records)
        {
            if (!await IsWholeAsync(record, cancel)) damaged.Add(record.Number);
        }
        return damaged;
    }

    private static async ValueTask<PackReader> OpenAsync(IPackBytes bytes, CancellationToken cancel)
    {
        SealException.Unless(
            bytes.Length >= PackHeader.Bytes + PackFooter.TrailerBytes, SealFault.Truncated, "no whole pack");
        var tailAt = Math.Max(0, bytes.Length - TailBytes);
        var tail = new byte[bytes.Length - tailAt];
        await bytes.ReadAsync(tailAt, tail, cancel);
        var footerAt = PackFooter.FindStart(tail, bytes.Length);
        var footer = await RangeAsync(bytes, footerAt, (int)(bytes.Length - footerAt), tail, tailAt, cancel);
        var header = await RangeAsync(bytes, 0, PackHeader.Bytes, tail, tailAt, cancel);
        var shared = PackHeader.Read(header.Span);
        return new PackReader(bytes, shared, PackFooter.Read(header.Span, footer.Span, footerAt));
    }

    /// <summary>A range of the pack, out of the tail that is here already where it lies in it.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>> RangeAsync(
        IPackBytes bytes, long offset, int length, byte[] tail, long tailAt, CancellationToken cancel)
    {
        if (offset >= tailAt) return tail.AsMemory((int)(offset - tailAt), length);
        var range = new byte[length];
        await bytes.ReadAsync(offset, range, cancel);
        return range;
    }

    private AmaHeader HeaderOf(PackRecord record, ReadOnlySpan<byte> head) =>
        PackRecordHead.Read(head, record, record.Number == Records.Count - 1).Rebuild(Header);

    private async ValueTask<bool> IsWholeAsync(PackRecord record, CancellationToken cancel)
    {
        PackedMessage message;
        try
        {
            message = await OpenMessageAsync(record.Number, cancel);
        }
        catch (SealException)
        {
            return false;
        }
        await using var body = message.Body;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var header = new byte[AmaHeader.Bytes];
        message.Header.Write(header);
        hash.AppendData(header);
        var piece = ArrayPool<byte>.Shared.Rent(ReadAheadBytes);
        int count;
        while ((count = await body.ReadAsync(piece, cancel)) > 0) hash.AppendData(piece, 0, count);
        ArrayPool<byte>.Shared.Return(piece);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(record.Sha256);
    }
}

/// <param name="Body">Salt, commitment and chunks: for <see cref="SealedMessage.OpenBody"/>.</param>
public readonly record struct PackedMessage(AmaHeader Header, Stream Body);
