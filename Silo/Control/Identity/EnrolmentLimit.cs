using System.Net;
using System.Net.Sockets;
using AMA.Archive.Access;

namespace AMA.Silo.Control.Identity;

/// <summary>
/// Strangers reach the enrolment endpoint, and each refusal is an entry in the audit log: so many requests a minute, and
/// the rest come again. Nobody's flood stops another's renewal: a peer that has shown its certificate and key counts for
/// itself, everybody else by address. Thread-safe.
/// </summary>
internal sealed class EnrolmentLimit(TimeProvider time)
{
    /// <summary>A minute, from one address (IPv6: one network of 64 bits); a site may start behind one.</summary>
    public const int AddressMax = 60;

    /// <summary>A minute, from all addresses together.</summary>
    public const int StrangersMax = 300;

    /// <summary>A minute; a peer renews about once in two days.</summary>
    public const int PeerMax = 10;

    /// <summary>A minute, of all peers together: more than a region has processes.</summary>
    private const int PeersMax = 10_000;

    private const int NetworkBytes = 8;

    private readonly MinuteBudget _strangers = new(time, AddressMax, StrangersMax);
    private readonly MinuteBudget _peers = new(time, PeerMax, PeersMax);

    /// <param name="from">Null: not known; those are one.</param>
    public bool TryTake(IPAddress? from) => _strangers.TryTake(Network(from));

    /// <param name="peer">Whose certificate and signature were checked.</param>
    public bool TryTake(PeerIdentity peer) => _peers.TryTake(peer.ToString());

    private static string Network(IPAddress? from)
    {
        if (from is null) return "";
        if (from.IsIPv4MappedToIPv6) from = from.MapToIPv4();
        return from.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(from.GetAddressBytes(), 0, NetworkBytes)
            : from.ToString();
    }

    /// <summary>
    /// Counts by key in windows of a minute, on the clock that nobody sets. One key's excess takes nothing from the
    /// total, which bounds the keys remembered too.
    /// </summary>
    private sealed class MinuteBudget(TimeProvider time, int eachMax, int totalMax)
    {
        private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

        private readonly Lock _turn = new();
        private readonly Dictionary<string, int> _taken = [];
        private long _since = time.GetTimestamp();
        private int _total;

        public bool TryTake(string key)
        {
            lock (_turn)
            {
                if (time.GetElapsedTime(_since) >= Window) Begin();
                var taken = _taken.GetValueOrDefault(key);
                if (taken >= eachMax || _total >= totalMax) return false;
                _taken[key] = taken + 1;
                _total++;
                return true;
            }
        }

        private void Begin()
        {
            _taken.Clear();
            (_since, _total) = (time.GetTimestamp(), 0);
        }
    }
}
