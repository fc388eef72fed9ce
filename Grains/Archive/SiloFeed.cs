using System.Collections.Concurrent;

namespace AMA.Grains.Archive;

/// <summary>
/// Hands work from one grain to another on the same silo: the bytes wait here, only their ticket goes through a grain
/// call. What is not here (another silo, a restart, a feed that ran over) is read from the stores again.
/// </summary>
public sealed class SiloFeed<TWork> where TWork : class
{
    /// <summary>Beyond it the oldest waiting work is dropped: memory is bounded even when nobody fetches.</summary>
    public const int WaitingMax = 64;

    private readonly ConcurrentDictionary<Guid, TWork> _work = new();
    private readonly ConcurrentQueue<Guid> _order = new();

    public void Put(Guid ticket, TWork work)
    {
        _work[ticket] = work;
        _order.Enqueue(ticket);
        while (_order.Count > WaitingMax && _order.TryDequeue(out var oldest))
            _work.TryRemove(oldest, out _);
    }

    /// <summary>The work, once; null when it isn't on this silo.</summary>
    public TWork? Take(Guid ticket) => _work.TryRemove(ticket, out var work) ? work : null;
}
