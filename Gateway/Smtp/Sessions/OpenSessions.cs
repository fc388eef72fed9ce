using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace AMA.Gateway.Smtp.Sessions;

/// <summary>All sessions there are: counts them, and once a second ends those that wait for a silent client.</summary>
internal sealed class OpenSessions(SmtpGatewayOptions options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<SessionWire, bool> _sessions = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Sessions whose client is to act.</summary>
    public int Waiting => _sessions.Keys.Count(session => session.IsWaiting);

    /// <summary>False: the house is full.</summary>
    public bool TryAdd(SessionWire session)
    {
        if (Interlocked.Increment(ref _count) > options.ConnectionsMax)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }
        _sessions[session] = true;
        return true;
    }

    public void Remove(SessionWire session)
    {
        if (_sessions.TryRemove(session, out _)) Interlocked.Decrement(ref _count);
    }

    protected override async Task ExecuteAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(SweepInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
                foreach (var (session, _) in _sessions) session.Sweep();
        }
        catch (OperationCanceledException)
        {
            // Stopping: from here on Kestrel's own shutdown ends the sessions.
        }
    }
}
