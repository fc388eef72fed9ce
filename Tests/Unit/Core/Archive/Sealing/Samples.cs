using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Ids;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using AMA.Archive.Spool;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Sealing;

/// <summary>Headers, preambles and messages as tests need them.</summary>
public static class Samples
{
    public static readonly DateTimeOffset Time = new(2026, 11, 23, 12, 0, 0, 123, TimeSpan.Zero);

    public static readonly RetentionPart Part = RetentionPart.At(new TenantId(Guid.Parse(
        "11111111-2222-3333-4444-555555555555")), Time);

    public static AmaHeader Header(
        uint leaf = 7, byte compression = AmaCompression.None, byte flags = 0, RetentionPart? part = null) =>
        new(compression, flags, Region.Eu, part ?? Part, new RecordId(new Guid((int)leaf, 1, 2, new byte[8])), leaf,
            Time, new byte[AmaHeader.PolicyHashBytes], 1);

    public static Preamble Preamble(ReadOnlySpan<byte> raw, IRandom random) =>
        new(random.NextBytes(AMA.Archive.Sealing.Preamble.OpeningBytes), SHA256.HashData(raw), raw.Length, Envelope(),
            new DeliveryId(new SegmentId(random.NextId()), 3), null, 0);

    public static Envelope Envelope() =>
        new(Part.Tenant, "a@example.org", [new("journal@example.net", new MailboxId(Guid.Empty))],
            new ReceiveTrace(Time, "192.0.2.1", "mx.example.org", "TLSv1.3", "TLS_AES_256_GCM_SHA384", null, false,
                true, null, null));

    /// <summary>Bytes that compress about as mail does.</summary>
    public static byte[] Mail(int length, int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder("From: a@example.org\r\nTo: b@example.net\r\nSubject: ");
        while (text.Length < length)
            text.Append(Words[random.Next(Words.Length)]).Append(random.Next(1000)).Append(' ');
        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    /// <summary>The fault that an action must have.</summary>
    public static SealFault FaultOf(Action action) => Assert.Throws<SealException>(action).Fault;

    private static readonly string[] Words =
        ["archive", "meeting", "invoice", "the", "of", "please", "regards", "\r\n"];
}
