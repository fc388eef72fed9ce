using System.Buffers.Binary;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Spool;

public sealed class EnvelopeTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 23, 12, 0, 0, 123, TimeSpan.Zero);

    private static Envelope Sample(int recipients = 2, bool full = true) => new(
        new TenantId(new Guid(1, 2, 3, new byte[8])), full ? "\"a b\"@example.org" : "",
        [.. Enumerable.Range(0, recipients).Select(i => new EnvelopeRecipient(
            $"j{i}@\u00fc.example", new MailboxId(new Guid(i, 0, 0, new byte[8]))))],
        new ReceiveTrace(
            Time, "2001:db8::1", "[192.0.2.1]", "TLSv1.3", "TLS_AES_256_GCM_SHA384", full ? "relay" : null, full, !full,
            full ? 12_345 : null, full ? "QQ314159" : null));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Envelope_ComesBackAsItWas_AndTellsItsEnd(bool full)
    {
        var envelope = Sample(full: full);
        byte[] bytes = [.. EnvelopeCodec.Encode(envelope), .. "From: raw"u8];
        var back = EnvelopeCodec.Decode(bytes, out var read);
        Assert.Equal(bytes.Length - 9, read);
        Assert.Equal(envelope.Recipients, back.Recipients);
        Assert.Equal(envelope with { Recipients = back.Recipients }, back);
        Assert.Equal(bytes[..read], EnvelopeCodec.Encode(back));
    }

    [Fact]
    public void WhatExtensionsSaid_ComesBack_AndAnOlderReaderPassesOverIt()
    {
        var plain = Sample(recipients: 3);
        var said = plain with
        {
            Recipients =
            [
                plain.Recipients[0] with { Notice = new(NotifyOn.Success | NotifyOn.Delay, null) }, plain.Recipients[1],
                plain.Recipients[2] with { Notice = new(NotifyOn.Unsaid, "rfc822;a+2Bb@example.org") },
            ],
            Trace = plain.Trace with
            {
                Arrival = ArrivalFlags.Chunked | ArrivalFlags.BareLf, ClientCertificate = new string('a', 64),
                Return = ReturnPart.Headers,
            },
        };
        var bytes = EnvelopeCodec.Encode(said);
        var back = EnvelopeCodec.Decode(bytes, out _);
        Assert.Equal(said.Recipients, back.Recipients);
        Assert.Equal(said.Trace, back.Trace);
        Assert.Equal(bytes, EnvelopeCodec.Encode(back));
        // All of it stands behind what the first readers knew, in fields they may pass over.
        Assert.Equal(EnvelopeCodec.Encode(plain)[8..], bytes[8..EnvelopeCodec.Encode(plain).Length]);
    }

    [Fact]
    public void WhatExtensionsCannotSay_IsRefusedByTheWriter()
    {
        var sample = Sample(recipients: 1);
        Envelope With(NotifyOn notify, string? original) =>
            sample with { Recipients = [sample.Recipients[0] with { Notice = new(notify, original) }] };
        Assert.Equal(EnvelopeFault.Reserved, EncodeFault(With(NotifyOn.Never | NotifyOn.Delay, null)));
        Assert.Equal(EnvelopeFault.Format, EncodeFault(With(NotifyOn.Unsaid, null)));
        Assert.Equal(EnvelopeFault.Format, EncodeFault(With(NotifyOn.Never, "")));
        var trace = sample.Trace;
        Assert.Equal(EnvelopeFault.Format, EncodeFault(sample with { Trace = trace with { ClientCertificate = "x" } }));
        Assert.Equal(EnvelopeFault.Reserved, EncodeFault(sample with { Trace = trace with { Return = (ReturnPart)3 } }));
    }

    [Fact]
    public void EveryCut_IsAFault()
    {
        var bytes = EnvelopeCodec.Encode(Sample());
        for (var length = 0; length < bytes.Length; length++)
            Assert.Equal(EnvelopeFault.Truncated, FaultOf(bytes[..length]));
    }

    /// <summary>Envelopes stand inside seals, so this is about never misreading, not about detecting.</summary>
    [Fact]
    public void AnyChangedByte_IsAFault_OrAnotherEnvelopeWithExactlyThoseBytes()
    {
        var bytes = EnvelopeCodec.Encode(Sample());
        for (var at = 0; at < bytes.Length; at++)
        {
            // Never the highest bit: in a tag it makes the field optional, and then it may be passed over.
            foreach (var value in new byte[] { 0, 1, 0x7f, (byte)(bytes[at] & 0x7f ^ 1) })
            {
                var changed = bytes.ToArray();
                changed[at] = value;
                try
                {
                    var envelope = EnvelopeCodec.Decode(changed, out var read);
                    Assert.Equal(changed[..read], EnvelopeCodec.Encode(envelope));
                }
                catch (EnvelopeException)
                {
                }
            }
        }
    }

    [Fact]
    public void OptionalFieldOfALaterVersion_IsPassedOver()
    {
        var bytes = WithField(0x8001, [1, 2, 3]);
        Assert.Equal("\"a b\"@example.org", EnvelopeCodec.Decode(bytes, out var read).Sender);
        Assert.Equal(bytes.Length, read);
    }

    [Fact]
    public void UnknownFieldThatMatters_IsRefused() =>
        Assert.Equal(EnvelopeFault.UnknownField, FaultOf(WithField(13, [1])));

    [Fact]
    public void Limits_StandOnBothSides()
    {
        Assert.Equal(EnvelopeFault.Limit, EncodeFault(Sample(recipients: 0)));
        Assert.Equal(EnvelopeFault.Limit, EncodeFault(Sample(recipients: EnvelopeLimits.RecipientsMax + 1)));
        var huge = Sample() with { Sender = new string('a', EnvelopeLimits.BytesMax) };
        Assert.Equal(EnvelopeFault.Limit, EncodeFault(huge));
        var bytes = EnvelopeCodec.Encode(Sample());
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), uint.MaxValue);
        Assert.Equal(EnvelopeFault.Limit, FaultOf(bytes));
    }

    [Fact]
    public void TextThatIsNoText_IsRefusedOnBothSides()
    {
        Assert.Equal(EnvelopeFault.Format, EncodeFault(Sample() with { Sender = "\ud800" }));
        var bytes = EnvelopeCodec.Encode(Sample());
        bytes[bytes.AsSpan().IndexOf("example.org"u8)] = 0xff;
        Assert.Equal(EnvelopeFault.Format, FaultOf(bytes));
    }

    private static byte[] WithField(ushort tag, byte[] value)
    {
        var field = new byte[6 + value.Length];
        BinaryPrimitives.WriteUInt16BigEndian(field, tag);
        BinaryPrimitives.WriteInt32BigEndian(field.AsSpan(2), value.Length);
        value.CopyTo(field, 6);
        byte[] bytes = [.. EnvelopeCodec.Encode(Sample()), .. field];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), bytes.Length - 8);
        return bytes;
    }

    private static EnvelopeFault FaultOf(byte[] bytes) =>
        Assert.Throws<EnvelopeException>(() => EnvelopeCodec.Decode(bytes, out _)).Fault;

    private static EnvelopeFault EncodeFault(Envelope envelope) =>
        Assert.Throws<EnvelopeException>(() => EnvelopeCodec.Encode(envelope)).Fault;
}
