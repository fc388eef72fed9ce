using System.Text;
using Lucene.Net.Analysis.TokenAttributes;
using Lucene.Net.Util;
using Attribute = Lucene.Net.Util.Attribute;

namespace AMA.Search.Analysis;

/// <summary>A token as the bytes that stand in the index: no detour through Lucene's character buffers.</summary>
internal sealed class RawTerm : Attribute, ITermToBytesRefAttribute
{
    /// <summary>Lucene refuses terms of 32 KiB; ours are far shorter.</summary>
    public const int BytesMax = 1_024;

    public static byte[] Bytes(string term) => Encoding.UTF8.GetBytes(term);

    private readonly BytesRef _bytes = new(BytesMax);

    public BytesRef BytesRef => _bytes;

    public void Set(ReadOnlySpan<char> word) => _bytes.Length = Encoding.UTF8.GetBytes(word, _bytes.Bytes);

    public void Set(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.Bytes);
        _bytes.Length = bytes.Length;
    }

    public void FillBytesRef() { }

    public override void Clear() => _bytes.Length = 0;

    public override void CopyTo(IAttribute target) => ((RawTerm)target).Set(_bytes.Bytes.AsSpan(0, _bytes.Length));
}
