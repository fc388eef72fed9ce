using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Spool;

namespace AMA.Gateway.Smtp.Spooling;

/// <summary>A large message: a segment of its own, sealed and written as it comes.</summary>
internal sealed class StreamedMessage(SegmentHeader header, SegmentLane lane, SpoolCopies copies, ISpoolHint hint)
    : ISpoolStream
{
    private readonly string _name = SegmentNames.Of(header.Id);
    private IReadOnlyList<IBlobWriter> _targets = [];
    private StreamedSegmentWriter? _writer;

    private StreamedSegmentWriter Writer => _writer ?? throw new InvalidOperationException("not begun");

    public async ValueTask BeginAsync(SegmentMaker maker, byte[] envelope)
    {
        _targets = await copies.CreateAsync(_name);
        try
        {
            _writer = maker.Begin(header, _targets);
            await WriteAsync(envelope);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> raw) =>
        copies.WriteAsync(_name, cancel => Writer.WriteAsync(raw, cancel));

    public async ValueTask<DeliveryId> CommitAsync()
    {
        using (var turn = await lane.EnterAsync())
        {
            await copies.WriteAsync(_name, cancel => Writer.FinishAsync(turn.Sequence, turn.LastAcknowledged, cancel));
            await copies.CommitAsync(_name, _targets);
            turn.Acknowledge();
        }
        hint.SegmentStored();
        return Writer.Delivery;
    }

    public async ValueTask DisposeAsync()
    {
        _writer?.Dispose();
        foreach (var target in _targets) await copies.DisposeAsync(target);
        _targets = [];
    }
}
