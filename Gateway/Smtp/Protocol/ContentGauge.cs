using System.Buffers;
using AMA.Archive.Spool;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>
/// A message's octets on their way from a reader to where they are kept: counted, looked over for bare line ends, never
/// changed. Beyond the size limit they are counted only.
/// </summary>
public sealed class ContentGauge(long bytesMax)
{
    private long _crs;
    private long _lfs;
    private long _pairs;
    private bool _afterCr;

    /// <summary>Octets of content, also of dropped ones.</summary>
    public long Length { get; private set; }

    public bool IsTooLarge => Length > bytesMax;

    /// <summary>Bare line ends so far; <paramref name="whole"/>: no more octets come, so a last CR is one too.</summary>
    public ArrivalFlags LineEnds(bool whole)
    {
        var crs = _afterCr && !whole ? _crs - 1 : _crs;
        return (crs > _pairs ? ArrivalFlags.BareCr : 0) | (_lfs > _pairs ? ArrivalFlags.BareLf : 0);
    }

    public void Pass(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        if (content.IsEmpty) return;
        Length += content.Length;
        Look(content);
        if (!IsTooLarge) output.Write(content);
    }

    private void Look(ReadOnlySpan<byte> content)
    {
        _crs += content.Count((byte)'\r');
        _lfs += content.Count((byte)'\n');
        _pairs += content.Count("\r\n"u8) + (_afterCr && content[0] == '\n' ? 1 : 0);
        _afterCr = content[^1] == '\r';
    }
}
