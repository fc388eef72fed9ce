using System.Buffers;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>
/// The octets between 354 and CRLF . CRLF (RFC 5321 §4.5.2), and only that ends them. A bare CR or LF is content and
/// never a line end, neither for the final dot nor for a stuffed one: servers that were kind about it let senders
/// smuggle second messages into the first. Undone is dot-stuffing, nothing else; the CRLF before the final dot is the
/// message's own last line end. Pieces may be cut anywhere.
/// </summary>
/// <remarks>
/// Beyond the size limit content is dropped but reading goes on to the dot: stopping early would have the rest of the
/// message read as commands.
/// </remarks>
public sealed class BodyReader(ContentGauge gauge) : IContentReader
{
    private State _state = State.LineStart;

    private enum State
    {
        LineStart,
        InLine,

        /// <summary>The last octet was a CR that belongs to the content.</summary>
        AfterCr,

        /// <summary>A dot at the beginning of a line, not yet known to be stuffed or final.</summary>
        Dot,

        /// <summary>That dot and a CR.</summary>
        DotCr,
        Ended,
    }

    /// <summary>The final dot has been read.</summary>
    public bool Ended => _state == State.Ended;

    public int Read(ReadOnlySpan<byte> piece, IBufferWriter<byte> output)
    {
        var at = 0;
        while (at < piece.Length && _state != State.Ended)
            at += _state == State.InLine ? ReadLines(piece[at..], output) : ReadOctet(piece[at], output);
        return at;
    }

    /// <summary>The fast way: everything up to the next line that begins with a dot is content as it stands.</summary>
    private int ReadLines(ReadOnlySpan<byte> piece, IBufferWriter<byte> output)
    {
        var at = piece.IndexOf("\r\n."u8);
        if (at >= 0)
        {
            gauge.Pass(piece[..(at + 2)], output);
            _state = State.Dot;
            return at + 3;
        }
        gauge.Pass(piece, output);
        _state = piece switch
        {
            [.., (byte)'\r', (byte)'\n'] => State.LineStart,
            [.., (byte)'\r'] => State.AfterCr,
            _ => State.InLine,
        };
        return piece.Length;
    }

    /// <summary>Decides about one octet; 0 when it is ordinary and <see cref="ReadLines"/> may have it.</summary>
    private int ReadOctet(byte octet, IBufferWriter<byte> output)
    {
        switch (_state)
        {
            case State.AfterCr when octet == '\n':
                gauge.Pass("\n"u8, output);
                _state = State.LineStart;
                return 1;
            case State.LineStart when octet == '.':
                _state = State.Dot;
                return 1;
            case State.Dot when octet == '\r':
                _state = State.DotCr;
                return 1;
            case State.DotCr when octet == '\n':
                _state = State.Ended;
                return 1;
            case State.DotCr:
                gauge.Pass("\r"u8, output); // the dot was a stuffed one before a bare CR
                break;
        }
        _state = State.InLine;
        return 0;
    }
}
