using System.Buffers;
using AMA.Gateway.Smtp.Protocol;

namespace AMA.Tests.Fuzz.Canaries;

/// <summary>
/// The real reader with the mistake behind CVE-2023-51764: LF . CRLF ends the message, too. A fuzzer that doesn't find
/// this one finds nothing.
/// </summary>
internal sealed class FoolishBodyReader(ContentGauge gauge) : IContentReader
{
    private readonly BodyReader _reader = new(gauge);
    private readonly Queue<byte> _last = new();
    private bool _fooled;

    public bool Ended => _fooled || _reader.Ended;

    public int Read(ReadOnlySpan<byte> piece, IBufferWriter<byte> output)
    {
        var at = 0;
        while (at < piece.Length && !Ended)
        {
            _reader.Read(piece.Slice(at, 1), output);
            _last.Enqueue(piece[at++]);
            if (_last.Count > 4) _last.Dequeue();
            if (_last.SequenceEqual("\n.\r\n"u8.ToArray())) _fooled = true;
        }
        return at;
    }
}
