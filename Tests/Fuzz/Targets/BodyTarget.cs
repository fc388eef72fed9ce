using System.Buffers;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Protocol;
using AMA.Tests.Fuzz.Canaries;

namespace AMA.Tests.Fuzz.Targets;

/// <summary>
/// The body reader against the model. The first octet says how long the pieces are; the rest is the wire, which a final
/// dot and some commands follow.
/// </summary>
internal sealed class BodyTarget(bool canary) : IFuzzTarget
{
    private static readonly byte[] Tail = [.. "\r\n.\r\nQUIT\r\n"u8];

    public string Name => "body";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        [1, .. "Subject: x\r\n\r\nbody\r\n..stuffed\r\n"u8], [3, .. "a\r\n.b\r\n"u8], [200, .. "."u8], [7],
    ];

    public IReadOnlyList<byte[]> Words { get; } =
        [[.. "\r\n"u8], [.. "\r"u8], [.. "\n"u8], [.. "."u8], [.. "\r\n.\r\n"u8], [.. "\0"u8], [.. "MAIL FROM:<>"u8]];

    public void Run(byte[] input)
    {
        var pieceBytes = input.Length == 0 ? 1 : Math.Max((int)input[0], 1);
        byte[] wire = [.. input.AsSpan(Math.Min(1, input.Length)), .. Tail];
        var gauge = new ContentGauge(long.MaxValue);
        IContentReader reader = canary ? new FoolishBodyReader(gauge) : new BodyReader(gauge);
        var output = new ArrayBufferWriter<byte>();
        var at = 0;
        while (!reader.Ended && at < wire.Length)
        {
            var piece = wire.AsSpan(at, Math.Min(pieceBytes, wire.Length - at));
            var read = reader.Read(piece, output);
            Finding.Unless(read == piece.Length || reader.Ended, "octets are left before the end");
            at += read;
        }
        Check(wire, at, reader, gauge, output.WrittenSpan);
    }

    private static void Check(
        byte[] wire, int read, IContentReader reader, ContentGauge gauge, ReadOnlySpan<byte> content)
    {
        Finding.Unless(reader.Ended, "CRLF . CRLF did not end the message");
        Finding.Unless(read == BodyModel.LengthOf(wire), "the message ends elsewhere");
        Finding.Unless(content.SequenceEqual(BodyModel.ContentOf(wire)), "the content was changed");
        Finding.Unless(gauge.Length == content.Length, "the length is another one");
        Finding.Unless(gauge.LineEnds(whole: true) == LineEndsOf(content), "bare line ends are flagged wrongly");
    }

    private static ArrivalFlags LineEndsOf(ReadOnlySpan<byte> content)
    {
        ArrivalFlags flags = 0;
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] == '\r' && (i + 1 == content.Length || content[i + 1] != '\n')) flags |= ArrivalFlags.BareCr;
            if (content[i] == '\n' && (i == 0 || content[i - 1] != '\r')) flags |= ArrivalFlags.BareLf;
        }
        return flags;
    }
}
