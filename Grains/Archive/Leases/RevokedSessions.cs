using System.Collections.Concurrent;
using AMA.Archive.Keys.Leases;

namespace AMA.Grains.Archive.Leases;

/// <summary>
/// Sessions that Control ended before their tokens ran out. Their tokens are still well signed: this is what refuses
/// them.
/// </summary>
public sealed class RevokedSessions
{
    /// <summary>As many as Control's own book holds; it forgets none before its token has run out.</summary>
    public const int SessionsMax = RevocationBook.SessionsMax;

    private readonly ConcurrentDictionary<Guid, byte> _sessions = new();
    private readonly ConcurrentQueue<Guid> _order = new();

    public bool Contains(Guid session) => _sessions.ContainsKey(session);

    public void Add(Guid session)
    {
        if (!_sessions.TryAdd(session, 0)) return;
        _order.Enqueue(session);
        while (_order.Count > SessionsMax && _order.TryDequeue(out var oldest)) _sessions.TryRemove(oldest, out _);
    }
}
