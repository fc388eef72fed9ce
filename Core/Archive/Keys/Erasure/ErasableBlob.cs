using System.Buffers.Binary;
using System.Text;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Erasure;

/// <summary>
/// "AME1": a blob that can die. Its content is sealed with a key of its own, that key is wrapped under the store's
/// erasure key, and that one under the key root: docs/formats/control-state.md, "Erasable blobs".
/// </summary>
internal static class ErasableBlob
{
    private const int HeadBytes = 20;

    private static ReadOnlySpan<byte> Magic => [(byte)'A', (byte)'M', (byte)'E', (byte)'1', 1, 0, 0, 0];
    private static ReadOnlySpan<byte> Label => "ama/erasable@v1\0"u8;

    public static byte[] Seal(
        ErasureKey under, string name, Region region, ReadOnlySpan<byte> content, IRandom random)
    {
        using var key = Secret.Random(random);
        var wrapped = Wrap(under, region, key, random);
        return Join(under, wrapped, Cobblestone.Seal(key.Span, ContextOf(name), content, random));
    }

    public static byte[] Open(ErasureKey under, string name, Region region, ReadOnlyMemory<byte> blob)
    {
        var parts = ErasableParts.Of(blob);
        using var key = Unwrap(under, region, parts);
        return Cobblestone.Open(key.Span, ContextOf(name), parts.Content.Span);
    }

    /// <summary>The same content and key, the key under another erasure key.</summary>
    public static byte[] Rewrap(
        ErasureKey from, ErasureKey to, Region region, ReadOnlyMemory<byte> blob, IRandom random)
    {
        var parts = ErasableParts.Of(blob);
        using var key = Unwrap(from, region, parts);
        return Join(to, Wrap(to, region, key, random), parts.Content.Span);
    }

    private static byte[] Join(ErasureKey under, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> content)
    {
        var blob = new byte[HeadBytes + under.Wrapped.Length + wrapped.Length + content.Length];
        Magic.CopyTo(blob);
        BinaryPrimitives.WriteUInt64BigEndian(blob.AsSpan(8), under.Week);
        BinaryPrimitives.WriteUInt16BigEndian(blob.AsSpan(16), checked((ushort)under.Wrapped.Length));
        BinaryPrimitives.WriteUInt16BigEndian(blob.AsSpan(18), checked((ushort)wrapped.Length));
        under.Wrapped.CopyTo(blob, HeadBytes);
        wrapped.CopyTo(blob.AsSpan(HeadBytes + under.Wrapped.Length));
        content.CopyTo(blob.AsSpan(HeadBytes + under.Wrapped.Length + wrapped.Length));
        return blob;
    }

    private static byte[] Wrap(ErasureKey under, Region region, Secret key, IRandom random) => KeyBlob.Wrap(
        under.Key, under.Id, checked((uint)under.Week), KeyType.State, KeyContext.Of(KeyType.State, region), key.Span,
        random);

    private static Secret Unwrap(ErasureKey under, Region region, ErasableParts parts) => KeyBlob.Unwrap(
        under.Key, under.Id, parts.Key.Span, KeyType.State, KeyContext.Of(KeyType.State, region));

    private static byte[] ContextOf(string name) => [.. Label, .. Encoding.ASCII.GetBytes(name)];

    /// <summary>What the blob says about itself; nothing in it is authentic until it is opened.</summary>
    internal readonly record struct ErasableParts(
        ulong Week, ReadOnlyMemory<byte> ErasureKey, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Content)
    {
        /// <summary>Throws <see cref="SealException"/>: Format, Truncated.</summary>
        public static ErasableParts Of(ReadOnlyMemory<byte> blob)
        {
            var head = blob.Span;
            SealException.Unless(head.Length >= HeadBytes, SealFault.Truncated, "no whole head");
            SealException.Unless(head[..Magic.Length].SequenceEqual(Magic), SealFault.Format, "not an erasable blob");
            var week = BinaryPrimitives.ReadUInt64BigEndian(head[8..]);
            SealException.Unless(week <= uint.MaxValue, SealFault.Reserved, "no such week");
            var keyAt = HeadBytes + BinaryPrimitives.ReadUInt16BigEndian(head[16..]);
            var contentAt = keyAt + BinaryPrimitives.ReadUInt16BigEndian(head[18..]);
            SealException.Unless(blob.Length >= contentAt, SealFault.Truncated, "no whole keys");
            return new(week, blob[HeadBytes..keyAt], blob[keyAt..contentAt], blob[contentAt..]);
        }
    }
}
