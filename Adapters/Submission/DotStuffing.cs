using System.Buffers;

namespace AMA.Adapters.Submission;

/// <summary>
/// RFC 5321 §4.5.2 from the sender's side: a dot before each line that begins with one, then CRLF.CRLF. A line begins
/// after CRLF only; bare CR and LF are content. One instance per message; pieces may be cut anywhere.
/// </summary>
internal struct DotStuffing()
{
    private State _state = State.LineStart;

    private enum State { LineStart, AfterCr, InLine }

    public void Write(ReadOnlySpan<byte> piece, IBufferWriter<byte> output)
    {
        while (!piece.IsEmpty)
        {
            var at = NextLineStartWithDot(piece);
            if (at < 0)
            {
                output.Write(piece);
                _state = StateAfter(piece);
                return;
            }
            output.Write(piece[..at]);
            output.Write(".."u8);
            piece = piece[(at + 1)..];
            _state = State.InLine;
        }
    }

    /// <summary>
    /// Ends the message. One without a final CRLF gets it here, because DATA knows no other way to end: the only
    /// change that this client ever makes. An empty message stays empty.
    /// </summary>
    public readonly void Finish(IBufferWriter<byte> output) =>
        output.Write(_state == State.LineStart ? ".\r\n"u8 : "\r\n.\r\n"u8);

    private readonly int NextLineStartWithDot(ReadOnlySpan<byte> piece)
    {
        if (_state == State.LineStart && piece[0] == '.') return 0;
        if (_state == State.AfterCr && piece is [(byte)'\n', (byte)'.', ..]) return 1;
        var at = piece.IndexOf("\r\n."u8);
        return at < 0 ? -1 : at + 2;
    }

    private readonly State StateAfter(ReadOnlySpan<byte> piece) => piece switch
    {
        [(byte)'\n'] when _state == State.AfterCr => State.LineStart,
        [.., (byte)'\r', (byte)'\n'] => State.LineStart,
        [.., (byte)'\r'] => State.AfterCr,
        _ => State.InLine,
    };
}
