using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace AMA.Adapters.Submission;

/// <summary>
/// Splits an mbox (RFC 4155). A message begins after a line that starts with "From " and stands at the beginning or
/// after an empty line; the empty line before the next one belongs to the mbox, not to the message. With
/// <see cref="MboxQuoting.Rd"/> a line of '>'s and "From " loses one '>'.
/// </summary>
internal static class MboxReader
{
    private const int LineBytesMax = 16 << 20;

    public static async IAsyncEnumerable<MessageSource> ReadAsync(
        Stream stream, string name, MessageSourceOptions options, [EnumeratorCancellation] CancellationToken cancel)
    {
        var input = PipeReader.Create(stream, new(bufferSize: 64 * 1024, leaveOpen: true));
        var splitter = new MboxSplitter(name, options);
        var ended = false;
        while (!ended)
        {
            var result = await input.ReadAsync(cancel);
            var buffer = result.Buffer;
            ended = result.IsCompleted;
            while (TryLine(ref buffer, ended, out var line))
                if (splitter.Next(line) is { } message) yield return message;
            if (buffer.Length > LineBytesMax) throw new InvalidDataException($"{name}: a line doesn't end");
            input.AdvanceTo(buffer.Start, buffer.End);
        }
        if (splitter.End() is { } last) yield return last;
    }

    private static bool TryLine(ref ReadOnlySequence<byte> buffer, bool ended, out ReadOnlySequence<byte> line)
    {
        var lf = buffer.PositionOf((byte)'\n');
        var end = lf is { } at ? buffer.GetPosition(1, at) : buffer.End;
        line = buffer.Slice(0, end);
        var found = lf is not null || (ended && !line.IsEmpty);
        if (found) buffer = buffer.Slice(end);
        return found;
    }
}

/// <summary>Fed line by line, line ends included; gives each message when the next one begins.</summary>
internal sealed class MboxSplitter(string name, MessageSourceOptions options)
{
    private readonly GrowingBytes _message = new(options.MessageBytesMax);
    private int _emptyLineBytes;
    private int _number;
    private bool _afterEmpty = true;

    public MessageSource? Next(ReadOnlySequence<byte> line)
    {
        if (_afterEmpty && StartsWith(line, "From "u8))
        {
            var done = End();
            (_number, _afterEmpty, _emptyLineBytes) = (_number + 1, false, 0);
            return done;
        }
        foreach (var piece in Unquoted(line)) _message.Add(piece.Span);
        _afterEmpty = IsEmpty(line);
        _emptyLineBytes = _afterEmpty ? (int)line.Length : 0;
        return null;
    }

    public MessageSource? End()
    {
        var label = $"{name}#{_number}";
        if (_number == 0)
        {
            if (_message.Count > 0) options.Skipped(name, "text before the first From line");
            _message.Take();
            return null;
        }
        var overflowed = _message.Overflowed;
        var bytes = _message.Take(overflowed ? 0 : Math.Min(_emptyLineBytes, _message.Count));
        if (!overflowed) return new MessageSource(label, bytes);
        options.Skipped(label, "larger than the limit");
        return null;
    }

    private ReadOnlySequence<byte> Unquoted(ReadOnlySequence<byte> line)
    {
        if (options.Mbox != MboxQuoting.Rd || !StartsWith(line, ">"u8)) return line;
        var reader = new SequenceReader<byte>(line);
        reader.AdvancePast((byte)'>');
        return StartsWith(reader.UnreadSequence, "From "u8) ? line.Slice(1) : line;
    }

    private static bool IsEmpty(ReadOnlySequence<byte> line) =>
        line.Length == 1 && StartsWith(line, "\n"u8) || line.Length == 2 && StartsWith(line, "\r\n"u8);

    private static bool StartsWith(ReadOnlySequence<byte> line, ReadOnlySpan<byte> word) =>
        new SequenceReader<byte>(line).IsNext(word);
}
