using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;

namespace AMA.Gateway.Smtp.Sessions;

/// <summary>All sessions there are: counts them, and once a second ends those that wait for a silent client.</summary>
internal sealed class OpenSessions(SmtpGatewayOptions options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    /// <summary>Whoever has one IPv6 address has a /64 of them.</summary>
    private const int V6PrefixBytes = 8;

    private readonly ConcurrentDictionary<SessionWire, IPAddress?> _sessions = new();
    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Sessions whose client is to act.</summary>
    public int Waiting => _sessions.Keys.Count(session => session.IsWaiting);

    /// <summary>Addresses that are counted now.</summary>
    internal int Addresses => _perAddress.Count;

    /// <summary>False: the house is full.</summary>
    public bool TryAdd(SessionWire session)
    {
        if (Interlocked.Increment(ref _count) > options.ConnectionsMax)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }
        _sessions[session] = null;
        return true;
    }

    /// <summary>The client is known by now. False: its address has as many sessions as any may.</summary>
    public bool TryEnter(SessionWire session)
    {
        var address = Counted(session.Client);
        _sessions[session] = address;
        return _perAddress.AddOrUpdate(address, 1, (_, count) => count + 1) <= options.ConnectionsPerAddressMax;
    }

    public void Remove(SessionWire session)
    {
        if (!_sessions.TryRemove(session, out var address)) return;
        Interlocked.Decrement(ref _count);
        if (address is null) return;
        _perAddress.AddOrUpdate(address, 0, (_, count) => count - 1);
        // Only while it is still zero: another session may have come meanwhile.
        _perAddress.TryRemove(KeyValuePair.Create(address, 0));
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

    internal static IPAddress Counted(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(V6PrefixBytes).Clear();
        return new IPAddress(bytes);
    }
}
