using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Archive.Spool;

/// <summary>
/// Builds one spool segment in memory (docs/formats/AMQ1.md). The segment key lives from the constructor to
/// <see cref="Finish"/>: after it, this process can't read what it wrote. Not thread-safe: one per group commit.
/// </summary>
public sealed class SegmentWriter : IDisposable
{
    private readonly SegmentHeader _header;
    private readonly GatewayIdentity _identity;
    private readonly IRandom _random;
    private readonly Secret _key;
    private readonly ArrayBufferWriter<byte> _output;
    private uint _count;
    private bool _finished;

    /// <param name="expectedBytes">How much plain content will come, so that the buffer grows once.</param>
    public SegmentWriter(
        SegmentHeader header, GatewayIdentity identity, IRandom random,
        int expectedBytes = SegmentLimits.GroupBytes / 4)
    {
        _header = header;
        _identity = identity;
        _random = random;
        _output = new ArrayBufferWriter<byte>(expectedBytes + expectedBytes / 64 + 4_096);
        _key = SegmentStart.Write(header, identity, random, _output);
    }

    public SegmentId Id => _header.Id;

    public uint Count => _count;

    /// <summary>
    /// Bytes so far, without the trailer: to end the segment at about <see cref="SegmentLimits.GroupBytes"/>.
    /// </summary>
    public int Length => _output.WrittenCount;

    /// <summary>Seals one acceptance; its number in the segment, the second half of its receipt.</summary>
    /// <param name="envelope">From <see cref="EnvelopeCodec"/>.</param>
    /// <param name="raw">The message's bytes as received.</param>
    public uint Add(ReadOnlySpan<byte> envelope, ReadOnlySequence<byte> raw)
    {
        ObjectDisposedException.ThrowIf(_finished, this);
        if (_count >= SegmentLimits.RecordsMax)
            throw new SegmentException(SegmentFault.Limit, "the segment is full of records");
        var length = checked((uint)Cobblestone.SealedLength(envelope.Length + raw.Length));
        var header = new RecordHeader(length, _count, SegmentRecordType.Mail);
        header.Write(_output.GetSpan(RecordHeader.Bytes));
        _output.Advance(RecordHeader.Bytes);

        Span<byte> context = stackalloc byte[RecordHeader.ContextBytes];
        header.WriteContext(_header.Id, context);
        using var body = new CobblestoneWriter(_key.Span, context, _random, _output);
        body.Write(envelope);
        foreach (var part in raw) body.Write(part.Span);
        body.Finish();
        return _count++;
    }

    /// <summary>Signs; the whole segment. The segment key is gone when this returns.</summary>
    /// <param name="sequence">Of this segment within the gateway's incarnation, from 1, without gaps.</param>
    /// <param name="lastAcknowledged">The highest sequence all of whose predecessors were written or declared
    /// abandoned.</param>
    public ReadOnlyMemory<byte> Finish(ulong sequence, ulong lastAcknowledged)
    {
        ObjectDisposedException.ThrowIf(_finished, this);
        Dispose();
        SegmentTrailer.Write(_output.GetSpan(SegmentTrailer.Bytes), _count, sequence, lastAcknowledged);
        _output.Advance(SegmentTrailer.SignedBytes);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_output.WrittenSpan, hash);
        Span<byte> statement = stackalloc byte[SegmentTrailer.StatementBytes];
        SegmentTrailer.WriteStatement(hash, statement);
        _identity.Sign(statement, _output.GetSpan(SegmentTrailer.SignatureBytes)[..SegmentTrailer.SignatureBytes]);
        _output.Advance(SegmentTrailer.SignatureBytes);
        return _output.WrittenMemory;
    }

    public void Dispose()
    {
        _finished = true;
        _key.Dispose();
    }
}

/// <summary>What both writers begin with: header, key share, certificate.</summary>
internal static class SegmentStart
{
    /// <summary>Writes them; the segment key.</summary>
    public static Secret Write(
        SegmentHeader header, GatewayIdentity identity, IRandom random, IBufferWriter<byte> output)
    {
        if (header.Created < header.QueueKey.NotBefore || header.Created > header.QueueKey.NotAfter)
            throw new SegmentException(SegmentFault.QueueKeyValidity, "no queue key is valid now");
        var (shared, share) = KeyAgreement.AgreeOnce(random, header.QueueKey.PublicKey);
        using (shared)
        {
            var certificate = identity.Certificate;
            var head = new SegmentHead(
                header.QueueKey.KeyId, header.Id, header.GatewayId, header.Created, header.Region, share,
                certificate.Length);
            var bytes = output.GetSpan(SegmentHead.Bytes + certificate.Length);
            head.Write(bytes);
            certificate.CopyTo(bytes[SegmentHead.Bytes..]);
            var key = SegmentKey.Derive(shared, bytes, header.QueueKey.PublicKey);
            output.Advance(SegmentHead.Bytes + certificate.Length);
            return key;
        }
    }
}
