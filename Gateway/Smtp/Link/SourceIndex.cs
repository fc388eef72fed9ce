using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Gateway.Smtp.Protocol;

namespace AMA.Gateway.Smtp.Link;

/// <summary>
/// Every tenant's sources, found by what a client shows. A look-up costs one search for each length of network that is
/// in use, not one for each source.
/// </summary>
internal sealed class SourceIndex
{
    /// <summary>Compared with when the user isn't known, so that both take the same time.</summary>
    private static readonly byte[] NobodysSecret = SourceSecret.Hash("nobody's"u8);

    private readonly Dictionary<string, (byte[] Secret, TenantSource Source)> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<TenantSource>> _certificates = new(StringComparer.Ordinal);
    private readonly Dictionary<IPNetwork, List<TenantSource>> _networks = [];
    private readonly SortedSet<int> _prefixes4 = [];
    private readonly SortedSet<int> _prefixes6 = [];

    public SourceIndex(IEnumerable<PublishedTenant> tenants)
    {
        foreach (var tenant in tenants)
        {
            foreach (var source in tenant.Sources) Add(source, new(new TenantId(tenant.Tenant), source.Id));
        }
    }

    /// <summary>True: the user's secret is this one.</summary>
    public bool Knows(string user, ReadOnlySpan<byte> secret)
    {
        var isKnown = _users.TryGetValue(user, out var known);
        var isRight = CryptographicOperations.FixedTimeEquals(
            SourceSecret.Hash(secret), isKnown ? known.Secret : NobodysSecret);
        return isKnown && isRight;
    }

    public TenantSource? OwnerOf(string user) => _users.TryGetValue(user, out var known) ? known.Source : null;

    public IReadOnlyList<TenantSource> Of(ClientProof client)
    {
        var found = new List<TenantSource>();
        if (client.Identity is { } user && _users.TryGetValue(user, out var known)) found.Add(known.Source);
        if (client.Certificate is { } shown && _certificates.TryGetValue(shown, out var sources)) found.AddRange(sources);
        AddNetworks(client.Address.IsIPv4MappedToIPv6 ? client.Address.MapToIPv4() : client.Address, found);
        return found;
    }

    private void Add(MailSource source, TenantSource of)
    {
        switch (source.Kind)
        {
            case SourceKind.Auth when source.Secret is { } secret:
                _users[source.Match] = (secret, of);
                break;
            case SourceKind.Certificate:
                AddTo(_certificates, source.Match, of);
                break;
            // What Control signed and we can't read lets nobody in.
            case SourceKind.Network when IPNetwork.TryParse(source.Match, out var network):
                AddTo(_networks, network, of);
                PrefixesOf(network.BaseAddress).Add(network.PrefixLength);
                break;
        }
    }

    private void AddNetworks(IPAddress client, List<TenantSource> found)
    {
        var bytes = client.GetAddressBytes();
        foreach (var length in PrefixesOf(client).Reverse())
        {
            Mask(bytes, length);
            if (_networks.TryGetValue(new IPNetwork(new IPAddress(bytes), length), out var sources))
                found.AddRange(sources);
        }
    }

    private SortedSet<int> PrefixesOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? _prefixes4 : _prefixes6;

    /// <summary>Clears all bits behind the first <paramref name="length"/>.</summary>
    private static void Mask(byte[] bytes, int length)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - kept));
        }
    }

    private static void AddTo<T>(Dictionary<T, List<TenantSource>> index, T key, TenantSource source)
        where T : notnull
    {
        if (!index.TryGetValue(key, out var sources)) index[key] = sources = [];
        sources.Add(source);
    }
}
