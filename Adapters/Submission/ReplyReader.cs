using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace AMA.Adapters.Submission;

/// <summary>Reads replies off the wire. Bounded: a server can't make us hold more than a few hundred lines.</summary>
internal sealed class ReplyReader(PipeReader input)
{
    private const int LineBytesMax = 2_048;
    private const int LinesMax = 200;

    public async Task<SmtpReply> ReadAsync(CancellationToken cancel)
    {
        var lines = new List<string>(1);
        while (true)
        {
            var line = await LineAsync(cancel);
            var (code, more, text) = Split(line);
            lines.Add(text);
            if (!more) return SmtpReply.Of(code, lines);
            if (lines.Count == LinesMax) throw new SubmissionException("the server's reply doesn't end");
        }
    }

    /// <summary>
    /// True when bytes are here that no command of ours has asked for. Before a TLS handshake they could come from
    /// anybody and would be taken for the server's own afterwards (the client's side of CVE-2011-0411).
    /// </summary>
    public bool HasMore()
    {
        if (!input.TryRead(out var result)) return false;
        var any = !result.Buffer.IsEmpty;
        input.AdvanceTo(result.Buffer.Start);
        return any;
    }

    private async ValueTask<string> LineAsync(CancellationToken cancel)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancel);
            if (TryLine(result.Buffer, out var line, out var next))
            {
                input.AdvanceTo(next);
                return line;
            }
            var length = result.Buffer.Length;
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted) throw new SubmissionException("the server closed the connection");
            if (length > LineBytesMax) throw new SubmissionException("the server's reply line doesn't end");
        }
    }

    private static bool TryLine(ReadOnlySequence<byte> buffer, out string line, out SequencePosition next)
    {
        var reader = new SequenceReader<byte>(buffer);
        var found = reader.TryReadTo(out ReadOnlySequence<byte> bytes, "\r\n"u8);
        line = found ? Encoding.UTF8.GetString(bytes) : "";
        next = reader.Position;
        return found;
    }

    private static (int Code, bool More, string Text) Split(string line)
    {
        var wellFormed = line.Length >= 3 && line[0] is >= '2' and <= '5' && char.IsAsciiDigit(line[1])
            && char.IsAsciiDigit(line[2]) && (line.Length == 3 || line[3] is ' ' or '-');
        if (!wellFormed) throw new SubmissionException("the server's answer is no SMTP reply");
        var code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
        return (code, line.Length > 3 && line[3] == '-', line.Length > 4 ? line[4..] : "");
    }
}
