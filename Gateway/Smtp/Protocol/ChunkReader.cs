using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>What BDAT says (RFC 3030 §2): how many octets follow, and whether they are the message's last.</summary>
public readonly record struct Chunk(long Octets, bool IsLast)
{
    /// <summary>"1234" or "1234 LAST". False: nobody knows where the octets end.</summary>
    public static bool TryParse(ReadOnlySpan<byte> argument, out Chunk chunk)
    {
        chunk = default;
        var space = argument.IndexOf((byte)' ');
        var number = space < 0 ? argument : argument[..space];
        var rest = space < 0 ? [] : argument[space..].TrimStart((byte)' ');
        if (number.IsEmpty || number.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        if (!Utf8Parser.TryParse(number, out long octets, out var read) || read != number.Length) return false;
        if (!rest.IsEmpty && !Ascii.EqualsIgnoreCase(rest, "LAST"u8)) return false;
        chunk = new Chunk(octets, !rest.IsEmpty);
        return true;
    }
}

/// <summary>
/// Exactly the octets that BDAT named: no dot and no line end means anything among them, and none before or after
/// them is taken for theirs.
/// </summary>
public sealed class ChunkReader(long octets, ContentGauge gauge) : IContentReader
{
    private long _left = octets;

    public bool Ended => _left == 0;

    public int Read(ReadOnlySpan<byte> piece, IBufferWriter<byte> output)
    {
        var count = (int)Math.Min(_left, piece.Length);
        gauge.Pass(piece[..count], output);
        _left -= count;
        return count;
    }
}
