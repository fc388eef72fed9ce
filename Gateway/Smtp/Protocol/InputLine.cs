using System.Buffers;

namespace AMA.Gateway.Smtp.Protocol;

public enum InputKind
{
    Line,

    /// <summary>No CRLF within the longest line there is: whoever sends this is no mail server.</summary>
    Endless,

    /// <summary>An LF without its CR: where lines end is in doubt, so nothing after it can be trusted.</summary>
    BareLineEnd,

    /// <summary>Nothing came for too long.</summary>
    Idle,

    /// <summary>The session has lasted as long as any may.</summary>
    SessionOver,

    /// <summary>We are stopping and nothing is under way.</summary>
    Stopping,

    /// <summary>The client has closed.</summary>
    Gone,
}

/// <summary>What came instead of, or as, the next command line (without CRLF).</summary>
public readonly record struct InputLine(InputKind Kind, byte[] Bytes)
{
    public static InputLine Of(InputKind kind) => new(kind, []);

    /// <summary>
    /// Takes the first line off <paramref name="buffer"/>, which then begins after it; null: more is needed. Only CRLF
    /// ends a line.
    /// </summary>
    public static InputLine? Take(ref ReadOnlySequence<byte> buffer)
    {
        const int lengthMax = CommandLine.ExtendedBytesMax + 2;
        var head = buffer.Slice(0, Math.Min(buffer.Length, lengthMax));
        if (head.PositionOf((byte)'\n') is not { } lf)
            return buffer.Length >= lengthMax ? Of(InputKind.Endless) : null;
        var line = head.Slice(0, lf).ToArray();
        if (line is not [.., (byte)'\r']) return Of(InputKind.BareLineEnd);
        buffer = buffer.Slice(buffer.GetPosition(1, lf));
        return new InputLine(InputKind.Line, line[..^1]);
    }
}
