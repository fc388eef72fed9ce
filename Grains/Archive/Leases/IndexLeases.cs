using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;

namespace AMA.Grains.Archive.Leases;

/// <summary>
/// Leases by the parts whose index they open: thousands of people may have one for the same part, and each question of
/// theirs needs just one. Safe for several threads.
/// </summary>
internal sealed class IndexLeases
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RetentionPart, SortedList<ulong, Dictionary<Guid, Held>>> _parts = [];

    public void Add(HeldLease lease)
    {
        lock (_gate)
        {
            foreach (var (part, key) in IndexKeysOf(lease))
            {
                if (!_parts.TryGetValue(part, out var versions)) _parts[part] = versions = [];
                if (!versions.TryGetValue(key.KeyId, out var leases)) versions[key.KeyId] = leases = [];
                leases[lease.Id] = new(lease, key);
            }
        }
    }

    public void Remove(HeldLease lease)
    {
        lock (_gate)
        {
            foreach (var (part, key) in IndexKeysOf(lease))
            {
                if (!_parts.TryGetValue(part, out var versions)) continue;
                if (versions.TryGetValue(key.KeyId, out var leases) && leases.Remove(lease.Id) && leases.Count == 0)
                    versions.Remove(key.KeyId);
                if (versions.Count == 0) _parts.Remove(part);
            }
        }
    }

    /// <summary>The key of this version under a live lease, or of the newest one; null: there is none.</summary>
    public LeasedKey? Find(RetentionPart part, ulong? version)
    {
        lock (_gate)
        {
            return OfPart(part, version).Where(held => !held.Lease.Ended).Select(held => held.Key).FirstOrDefault();
        }
    }

    public bool MayStart(RetentionPart part)
    {
        lock (_gate) return OfPart(part, null).Any(held => held.Lease.MayStart);
    }

    private IEnumerable<Held> OfPart(RetentionPart part, ulong? version)
    {
        if (!_parts.TryGetValue(part, out var versions)) return [];
        if (version is { } one) return versions.TryGetValue(one, out var leases) ? leases.Values : [];
        return versions.Values.Reverse().SelectMany(leases => leases.Values);
    }

    private static IEnumerable<(RetentionPart Part, LeasedKey Key)> IndexKeysOf(HeldLease lease) =>
        lease.Tenant is not { } tenant ? [] : lease.Keys.Where(key => key.Kind == LeasedKeyKind.Ixk)
            .Select(key => (new RetentionPart(tenant, key.Class, key.Epoch), key));

    private readonly record struct Held(HeldLease Lease, LeasedKey Key);
}
