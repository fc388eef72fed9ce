namespace AMA.Gateway.Smtp.Receiving;

/// <summary>Message octets held in memory by all sessions together.</summary>
internal sealed class HeldBudget(long bytesMax)
{
    private long _held;

    /// <summary>Whoever holds something now should stream it away.</summary>
    public bool IsExceeded => Volatile.Read(ref _held) > bytesMax;

    public long Held => Volatile.Read(ref _held);

    public void Add(int bytes) => Interlocked.Add(ref _held, bytes);
}
