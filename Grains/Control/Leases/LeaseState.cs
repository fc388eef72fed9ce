using AMA.Archive.Keys.Leases;

namespace AMA.Grains.Control.Leases;

/// <summary>
/// What a lease grain keeps: a tenant's keys, wrapped, and what was promised with them; for the region's own grain
/// only the promises. Keys and promises change in one write, so that no leaf is promised that is not kept.
/// </summary>
public sealed record LeaseState
{
    public Guid? Tenant { get; init; }

    /// <summary>Names the tenant's key in the blobs it wraps.</summary>
    public Guid TenantKeyId { get; init; }

    /// <summary>TKEK, wrapped under the region's root key.</summary>
    public byte[]? TenantKey { get; init; }

    /// <summary>AUK, private half, wrapped under the tenant's key; null for a tenant from before there were any.</summary>
    public byte[]? AuditKey { get; init; }

    /// <summary>AUK, public half.</summary>
    public byte[]? AuditPublic { get; init; }

    /// <summary>How long leases last, when the tenant wants less than the region's setting.</summary>
    public int? TtlSeconds { get; init; }

    /// <summary>The last restore of Control that this state has lived through.</summary>
    public uint RestoreGeneration { get; init; }

    public PartKeys[] Keys { get; init; } = [];

    public LeaseLedger Ledger { get; init; } = new();

    public PartKeys? Find(LeaseTarget target) => Array.Find(Keys, keys =>
        keys.Class == target.Class && keys.Epoch == target.Epoch && keys.Generation == target.Generation);

    public LeaseState Replace(PartKeys keys) => this with
    {
        Keys =
        [
            .. Keys.Where(other =>
                other.Class != keys.Class || other.Epoch != keys.Epoch || other.Generation != keys.Generation),
            keys,
        ],
    };
}

/// <summary>A retention part's keys, each wrapped (AMK1) under the tenant's key.</summary>
/// <param name="Tree">EKT: the state of the key tree, less what was erased.</param>
/// <param name="Index">IXK of version <paramref name="IndexVersion"/>.</param>
/// <param name="Identity">IDK.</param>
public sealed record PartKeys(
    ushort Class, uint Epoch, uint Generation, byte[] Tree, uint IndexVersion, byte[] Index, byte[] Identity);
