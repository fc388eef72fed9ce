using System.Security.Cryptography;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using AMA.Tests.Unit.Vectors;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Sealing;

/// <summary>Every case of the vector files of sealing, read by a second implementation's eyes.</summary>
public class SealingVectorTests
{
    [Fact]
    public void Cobblestone_AllVectors() => VectorRun.All("cobblestone.vector", Open, @case =>
    {
        var plain = @case.Bytes("plain");
        var sealedBytes = Cobblestone.Seal(
            @case.Bytes("key"), @case.Bytes("context"), plain, new FixedRandom(@case.Bytes("salt")));
        if (@case.Has("sealed")) Assert.Equal(@case.Bytes("sealed"), sealedBytes);
        else Assert.Equal(@case.Bytes("sealed-sha256"), SHA256.HashData(sealedBytes));
        Assert.Equal(plain, Cobblestone.Open(@case.Bytes("key"), @case.Bytes("context"), sealedBytes));
        Assert.Equal(sealedBytes.Length, Cobblestone.SealedLength(plain.Length));
        Assert.Equal(plain.Length, Cobblestone.PlainLength(sealedBytes.Length));
    });

    [Fact]
    public void Cobblestone_AllVectors_Streamed() => VectorRun.All("cobblestone.vector", OpenStream, @case =>
    {
        var key = @case.Bytes("key");
        var target = new System.Buffers.ArrayBufferWriter<byte>();
        using var writer = new CobblestoneWriter(
            key, @case.Bytes("context"), new FixedRandom(@case.Bytes("salt")), target);
        foreach (var part in @case.Bytes("plain").Chunk(1000)) writer.Write(part);
        writer.Finish();
        Assert.Equal(writer.SealedBytes, target.WrittenCount);
        if (@case.Has("sealed")) Assert.Equal(@case.Bytes("sealed"), target.WrittenSpan.ToArray());
        else Assert.Equal(@case.Bytes("sealed-sha256"), SHA256.HashData(target.WrittenSpan));
    });

    [Fact]
    public void KeyAgreement_AllVectors() => VectorRun.All("key-agreement.vector", Agree, @case =>
    {
        using var secret = Secret.Copy(@case.Bytes("private"));
        using var shared = KeyAgreement.Agree(secret, @case.Bytes("public"));
        Assert.Equal(@case.Bytes("shared"), shared.Span.ToArray());
        Assert.Equal(@case.Bytes("own-public"), KeyAgreement.PublicOf(secret));
    });

    [Fact]
    public void SealedMessage_AllVectors() => VectorRun.All("AMA1.vector", OpenMessage, @case =>
    {
        var message = @case.Bytes("message");
        var payload = SealedMessage.Open(@case.Bytes("key"), message, out var header);
        Assert.Equal(@case.Bytes("payload"), payload);
        AssertHeader(@case, header);
        Assert.Equal(
            message, SealedMessage.Seal(@case.Bytes("key"), header, payload, new FixedRandom(@case.Bytes("salt"))));
    });

    [Fact]
    public void Payload_AllVectors() => VectorRun.All("preamble.vector", @case => Decode(@case), @case =>
    {
        var (preamble, raw) = Decode(@case);
        Assert.Equal(@case.Bytes("raw"), raw.ToArray());
        Assert.Equal(@case.Bytes("opening"), preamble.Opening);
        if (@case.Has("content-commit"))
            Assert.Equal(
                @case.Bytes("content-commit"), MessagePayload.ContentCommit(preamble.Opening, preamble.RawSha256));
        Assert.Equal(@case.Has("link") ? @case.Bytes("link") : null, preamble.LinkTag);
        Assert.Equal(@case.Has("odd") ? @case.Number("odd") : 0, preamble.Flags);
        if (@case.Number("compression") == 0 && @case.Name != "later-field") AssertEncodesBack(@case, preamble, raw);
    });

    [Fact]
    public void Payload_AllVectors_Streamed() => VectorRun.All(
        "preamble.vector", @case => DecodeStream(@case),
        @case => Assert.Equal(@case.Bytes("raw"), DecodeStream(@case)));

    private static void Open(VectorCase @case) =>
        Cobblestone.Open(@case.Bytes("key"), @case.Bytes("context"), @case.Bytes("sealed"));

    private static void OpenStream(VectorCase @case)
    {
        var source = new MemoryStream(@case.Bytes("sealed"));
        using var reader = new CobblestoneReader(source, @case.Bytes("key"), @case.Bytes("context"));
        reader.CopyTo(Stream.Null);
    }

    private static void Agree(VectorCase @case)
    {
        using var secret = Secret.Copy(@case.Bytes("private"));
        KeyAgreement.Agree(secret, @case.Bytes("public")).Dispose();
    }

    private static void OpenMessage(VectorCase @case) =>
        SealedMessage.Open(@case.Bytes("key"), @case.Bytes("message"), out _);

    private static AmaHeader HeaderOf(VectorCase @case) =>
        Samples.Header(compression: (byte)@case.Number("compression"), flags: (byte)@case.Number("flags"));

    private static (Preamble Preamble, ReadOnlyMemory<byte> Raw) Decode(VectorCase @case) =>
        MessagePayload.Decode(
            HeaderOf(@case), @case.Bytes("payload"), @case.Has("limit") ? @case.Number("limit") : 1 << 20);

    private static byte[] DecodeStream(VectorCase @case)
    {
        var limit = @case.Has("limit") ? @case.Number("limit") : 1 << 20;
        var source = new MemoryStream(@case.Bytes("payload"));
        var opening = PayloadReader.OpenAsync(HeaderOf(@case), source, limit, default);
        using var reader = opening.AsTask().GetAwaiter().GetResult();
        var target = new MemoryStream();
        reader.CopyTo(target);
        return target.ToArray();
    }

    private static void AssertEncodesBack(VectorCase @case, Preamble preamble, ReadOnlyMemory<byte> raw)
    {
        var payload = @case.Number("flags") == 0
            ? MessagePayload.Encode(preamble, raw.Span, out var compression)
            : MessagePayload.EncodeDelivery(preamble, out compression);
        var header = Samples.Header(compression: compression, flags: (byte)@case.Number("flags"));
        var again = MessagePayload.Decode(header, payload);
        Assert.Equal(raw.ToArray(), again.Raw.ToArray());
        Assert.Equal(preamble.Envelope.Recipients, again.Preamble.Envelope.Recipients);
        Assert.Equal(preamble.Delivery, again.Preamble.Delivery);
        Assert.Equal(preamble.LinkTag, again.Preamble.LinkTag);
        Assert.Equal(preamble.Flags, again.Preamble.Flags);
    }

    private static void AssertHeader(VectorCase @case, AmaHeader header)
    {
        Assert.Equal(@case.Number("compression"), header.Compression);
        Assert.Equal(@case.Number("flags"), header.Flags);
        Assert.Equal(@case.Number("region"), (long)header.Region);
        Assert.Equal(@case.Number("class"), header.Part.Class);
        Assert.Equal(@case.Text("tenant"), header.Part.Tenant.ToString());
        Assert.Equal(@case.Text("record"), header.Id.ToString());
        Assert.Equal(@case.Number("epoch"), header.Part.Epoch);
        Assert.Equal(@case.Number("leaf"), header.Leaf);
        Assert.Equal(@case.Number("sealed-at"), header.SealedAt.ToUnixTimeMilliseconds());
        Assert.Equal(@case.Bytes("policy"), header.PolicyHash);
        Assert.Equal(@case.Number("generation"), header.TreeGeneration);
    }
}
