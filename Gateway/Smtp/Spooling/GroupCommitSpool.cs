using System.Buffers;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Spooling;

/// <summary>
/// Messages of all sessions share segments: while one segment is being made durable the next ones gather, so under load
/// one fsync serves many 250s and without load nobody waits for company.
/// </summary>
internal sealed partial class GroupCommitSpool(
    SegmentMaker maker, SpoolCopies copies, ISpoolHint hint, IRandom random, ILogger<GroupCommitSpool> log)
    : ISpool, IAsyncDisposable
{
    private readonly SegmentLane _shared = new(random.NextId());
    private readonly SegmentLane _streamed = new(random.NextId());
    private readonly Lock _gate = new();
    private readonly Queue<WaitingMessage> _waiting = new();
    private Task _committing = Task.CompletedTask;
    private bool _isCommitting;

    public async ValueTask<DeliveryId> StoreAsync(Envelope envelope, ReadOnlySequence<byte> raw)
    {
        var message = new WaitingMessage(EnvelopeCodec.Encode(envelope), raw);
        lock (_gate)
        {
            _waiting.Enqueue(message);
            if (!_isCommitting)
            {
                _isCommitting = true;
                _committing = CommitAllAsync();
            }
        }
        return await message.Receipt;
    }

    public async ValueTask<ISpoolStream> BeginAsync(Envelope envelope)
    {
        var header = maker.NextHeader(_streamed);
        var stream = new StreamedMessage(header, _streamed, copies, hint);
        await stream.BeginAsync(maker, EnvelopeCodec.Encode(envelope));
        return stream;
    }

    public async ValueTask DisposeAsync()
    {
        await _committing;
        _shared.Dispose();
        _streamed.Dispose();
    }

    /// <summary>
    /// Runs while there is something to commit. Throws nothing: every fault goes to the messages it met.
    /// </summary>
    private async Task CommitAllAsync()
    {
        var group = new List<WaitingMessage>();
        while (true)
        {
            // Leaves the lock of whoever began, and lets go first who has a message in hand: it comes along.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            if (!TakeGroup(group)) return;
            await CommitAsync(group);
        }
    }

    /// <summary>
    /// The next messages, up to a segment's size and at least one; false: none, and the committing has ended.
    /// </summary>
    private bool TakeGroup(List<WaitingMessage> group)
    {
        group.Clear();
        lock (_gate)
        {
            long bytes = 0;
            while (group.Count < SegmentLimits.RecordsMax && _waiting.TryPeek(out var next)
                && (group.Count == 0 || bytes + next.Length <= SegmentLimits.GroupBytes))
            {
                bytes += next.Length;
                group.Add(_waiting.Dequeue());
            }
            return _isCommitting = group.Count > 0;
        }
    }

    private async Task CommitAsync(List<WaitingMessage> group)
    {
        try
        {
            using var writer = maker.Begin(_shared, (int)group.Sum(message => message.Length));
            foreach (var message in group) message.RecNo = writer.Add(message.Envelope, message.Raw);
            using (var turn = await _shared.EnterAsync())
            {
                var segment = writer.Finish(turn.Sequence, turn.LastAcknowledged);
                await copies.PutAsync(SegmentNames.Of(writer.Id), segment);
                turn.Acknowledge();
            }
            foreach (var message in group) message.Stored(writer.Id);
            hint.SegmentStored();
        }
        catch (Exception fault)
        {
            if (fault is not SpoolException) LogFault(fault);
            foreach (var message in group) message.Failed(fault);
        }
    }
}

/// <summary>A message whose session waits for its 250.</summary>
internal sealed class WaitingMessage(byte[] envelope, ReadOnlySequence<byte> raw)
{
    // The session goes on by itself: the next commit must not wait behind what it does.
    private readonly TaskCompletionSource<DeliveryId> _receipt =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public byte[] Envelope { get; } = envelope;
    public ReadOnlySequence<byte> Raw { get; } = raw;
    public long Length { get; } = envelope.Length + raw.Length;
    public uint RecNo { get; set; }
    public Task<DeliveryId> Receipt => _receipt.Task;

    public void Stored(SegmentId segment) => _receipt.SetResult(new DeliveryId(segment, RecNo));

    public void Failed(Exception fault) => _receipt.SetException(
        fault as SpoolException ?? new SpoolException("the segment could not be made", fault));
}
