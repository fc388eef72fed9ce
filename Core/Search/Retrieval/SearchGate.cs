namespace AMA.Search.Retrieval;

/// <summary>
/// Lets searches in until the index closes, and waits for those inside: only then may what they read be zeroed.
/// </summary>
internal sealed class SearchGate
{
    /// <summary>
    /// A search looks at the gate every few microseconds; one that does not is stuck, and zeroing goes first: a leased
    /// key must be gone within a second of its end.
    /// </summary>
    private static readonly TimeSpan DrainMax = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _empty = new(true);
    private int _inside;
    private volatile bool _closed;

    public bool IsClosed => _closed;

    public void Check()
    {
        if (_closed) throw new IndexLockedException("the index was closed");
    }

    public Passage Enter()
    {
        lock (_lock)
        {
            Check();
            _inside++;
            _empty.Reset();
        }
        return new Passage(this);
    }

    private void Leave()
    {
        lock (_lock)
            if (--_inside == 0) _empty.Set();
    }

    /// <summary>False when it was closed before.</summary>
    public bool Close()
    {
        lock (_lock)
        {
            if (_closed) return false;
            _closed = true;
        }
        _empty.Wait(DrainMax);
        return true;
    }

    public readonly struct Passage(SearchGate gate) : IDisposable
    {
        public void Dispose() => gate.Leave();
    }
}
