using System.Buffers;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Spooling;

namespace AMA.Gateway.Smtp.Receiving;

/// <summary>
/// One message between the wire and the spool: in memory while it is small, streamed once it is not. A fault of the
/// spool is kept until the message has been read to its end, because only then can the client hear of it.
/// </summary>
/// <param name="envelope">Told whether the message streams: then it is asked before the message's end is known.</param>
internal sealed class ArrivingMessage(ISpool spool, HeldBudget budget, Func<bool, Envelope> envelope)
    : IBufferWriter<byte>, IAsyncDisposable
{
    /// <summary>
    /// Up to here messages share a segment; what is larger streams into one of its own (crypto.md §7).
    /// </summary>
    public const int HeldBytesMax = 1 << 20;

    private const int StreamPieceBytes = 64 * 1024;

    private readonly HeldBytes _held = new(budget);
    private ISpoolStream? _stream;
    private SpoolException? _fault;

    public void Advance(int count) => _held.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _held.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _held.GetSpan(sizeHint);

    /// <summary>To be called between reads: keeps what is in memory within bounds.</summary>
    public async ValueTask SettleAsync()
    {
        if (_fault is not null)
        {
            _held.Clear();
            return;
        }
        var mustStream = _held.Length > HeldBytesMax || (budget.IsExceeded && _held.Length >= StreamPieceBytes);
        try
        {
            if (_stream is null && mustStream) _stream = await spool.BeginAsync(envelope(true));
            if (_stream is not null && _held.Length >= StreamPieceBytes) await WriteHeldAsync(_stream);
        }
        catch (SpoolException fault)
        {
            _fault = fault;
        }
    }

    /// <summary>The message is whole. Returns when it is durable; throws <see cref="SpoolException"/>.</summary>
    public async ValueTask<DeliveryId> StoreAsync()
    {
        if (_fault is not null) throw _fault;
        if (_stream is null) return await spool.StoreAsync(envelope(false), _held.AsSequence());
        await WriteHeldAsync(_stream);
        return await _stream.CommitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null) await _stream.DisposeAsync();
        _held.Dispose();
    }

    private async ValueTask WriteHeldAsync(ISpoolStream stream)
    {
        foreach (var piece in _held.AsSequence()) await stream.WriteAsync(piece);
        _held.Clear();
    }
}
