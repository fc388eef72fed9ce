namespace AMA.Gateway.Smtp.Spooling;

/// <summary>
/// One numbered row of segments: numbers grow by one, and segments are finished one after the other, so that each can
/// state which number before it was the last to become durable. What lies between was given up, and the reader need not
/// look for it; any other gap is an alarm. Large messages have a lane (a gateway id) of their own: writing one of them
/// would hold up everybody's.
/// </summary>
internal sealed class SegmentLane(Guid gatewayId) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private ulong _sequence;
    private ulong _acknowledged;

    public Guid GatewayId { get; } = gatewayId;

    /// <summary>Waits until the segment before is finished, one way or the other.</summary>
    public async ValueTask<Turn> EnterAsync()
    {
        await _turn.WaitAsync();
        return new Turn(this, ++_sequence, _acknowledged);
    }

    public void Dispose() => _turn.Dispose();

    public readonly struct Turn(SegmentLane lane, ulong sequence, ulong lastAcknowledged) : IDisposable
    {
        public ulong Sequence { get; } = sequence;

        public ulong LastAcknowledged { get; } = lastAcknowledged;

        /// <summary>The segment is durable.</summary>
        public void Acknowledge() => lane._acknowledged = Sequence;

        public void Dispose() => lane._turn.Release();
    }
}
