using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Archive.Spool;

/// <summary>
/// A segment of one large record, written as it comes, to all spool stores at once; memory is bounded by
/// <see cref="PieceBytes"/>. The targets' commits are the caller's: it knows how many confirmations make a 250. Any
/// fault of a target ends the segment: dispose it and the targets, which then leave nothing behind.
/// </summary>
public sealed class StreamedSegmentWriter : IDisposable
{
    /// <summary>Sealed bytes kept before they go to the targets.</summary>
    public const int PieceBytes = 256 << 10;

    private readonly GatewayIdentity _identity;
    private readonly IReadOnlyList<IBlobWriter> _targets;
    private readonly ArrayBufferWriter<byte> _piece = new(PieceBytes + Cobblestone.SealedChunkBytes * 2);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly CobblestoneWriter _body;
    private bool _finished;

    /// <param name="targets">One writer per spool store, made for <see cref="SegmentNames.Of"/> of the header's
    /// id.</param>
    public StreamedSegmentWriter(
        SegmentHeader header, GatewayIdentity identity, IRandom random, IReadOnlyList<IBlobWriter> targets)
    {
        _identity = identity;
        _targets = targets;
        Id = header.Id;
        using var key = SegmentStart.Write(header, identity, random, _piece);
        _body = BeginRecord(key, random);
    }

    public SegmentId Id { get; }

    /// <summary>The receipt of the only record.</summary>
    public DeliveryId Delivery => new(Id, 0);

    /// <summary>
    /// The next plain bytes: first the whole envelope (<see cref="EnvelopeCodec"/>), then the message's.
    /// </summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> plain, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_finished, this);
        while (plain.Length > 0)
        {
            var part = plain[..Math.Min(plain.Length, Cobblestone.ChunkBytes)];
            _body.Write(part.Span);
            plain = plain[part.Length..];
            if (_piece.WrittenCount >= PieceBytes) await SendAsync(cancel);
        }
    }

    /// <summary>Writes the last chunk and the signed trailer; the caller then commits the targets.</summary>
    public async ValueTask FinishAsync(ulong sequence, ulong lastAcknowledged, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_finished, this);
        _finished = true;
        _body.Finish();
        SegmentTrailer.Write(_piece.GetSpan(SegmentTrailer.Bytes), 1, sequence, lastAcknowledged);
        _piece.Advance(SegmentTrailer.SignedBytes);
        await SendAsync(cancel);
        Sign(_piece.GetSpan(SegmentTrailer.SignatureBytes)[..SegmentTrailer.SignatureBytes]);
        _piece.Advance(SegmentTrailer.SignatureBytes);
        await SendAsync(cancel);
    }

    public void Dispose()
    {
        _finished = true;
        _body.Dispose();
        _hash.Dispose();
    }

    private CobblestoneWriter BeginRecord(Secret key, IRandom random)
    {
        var header = new RecordHeader(RecordHeader.Streamed, 0, SegmentRecordType.Mail);
        header.Write(_piece.GetSpan(RecordHeader.Bytes));
        _piece.Advance(RecordHeader.Bytes);
        Span<byte> context = stackalloc byte[RecordHeader.ContextBytes];
        header.WriteContext(Id, context);
        return new CobblestoneWriter(key.Span, context, random, _piece);
    }

    private async ValueTask SendAsync(CancellationToken cancel)
    {
        _hash.AppendData(_piece.WrittenSpan);
        // All targets have taken the piece before its buffer is used again, also when one of them failed.
        var writes = _targets.Select(target => target.WriteAsync(_piece.WrittenMemory, cancel).AsTask());
        await Task.WhenAll(writes.ToList());
        _piece.ResetWrittenCount();
    }

    private void Sign(Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(hash);
        Span<byte> statement = stackalloc byte[SegmentTrailer.StatementBytes];
        SegmentTrailer.WriteStatement(hash, statement);
        _identity.Sign(statement, signature);
    }
}
