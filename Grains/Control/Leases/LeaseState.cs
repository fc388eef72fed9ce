using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Survival;

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

    /// <summary>Of TKEK, as AMK1 counts.</summary>
    public uint TenantKeyVersion { get; init; } = 1;

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

    /// <summary>How far the replay for the restore after that one has come; null: it has not begun, or is done.</summary>
    public ReplayState? Replay { get; init; }

    public PartKeys[] Keys { get; init; } = [];

    /// <summary>Leaves that outlive their part's expiry, by part: Control's own list of legal holds.</summary>
    public LeaseTarget[] Holds { get; init; } = [];

    public LeaseLedger Ledger { get; init; } = new();

    public PartKeys? Find(LeaseTarget target) => Array.Find(Keys, keys =>
        keys.Class == target.Class && keys.Epoch == target.Epoch && keys.Generation == target.Generation);

    /// <summary>The newest tree of a part: what is written now is sealed under it.</summary>
    public PartKeys? Newest(ushort retentionClass, uint epoch) => Keys
        .Where(keys => keys.Class == retentionClass && keys.Epoch == epoch)
        .MaxBy(keys => keys.Generation);

    /// <summary>Nothing was erased since the part's index was last written anew; so it is for a part without keys.</summary>
    public bool IndexIsClean(ushort retentionClass, uint epoch) => Keys
        .Where(keys => keys.Class == retentionClass && keys.Epoch == epoch)
        .All(keys => keys.PuncturedDay is null && keys.PreviousIndex is null);

    public LeaseState Replace(PartKeys keys) => Without(keys) with { Keys = [.. Without(keys).Keys, keys] };

    /// <summary>The state in which these keys are forgotten.</summary>
    public LeaseState Without(PartKeys keys) => this with
    {
        Keys =
        [
            .. Keys.Where(other =>
                other.Class != keys.Class || other.Epoch != keys.Epoch || other.Generation != keys.Generation),
        ],
    };
}

/// <summary>A retention part's keys, each wrapped (AMK1) under the tenant's key.</summary>
/// <param name="Tree">EKT: the state of the key tree, less what was erased.</param>
/// <param name="Index">IXK of version <paramref name="IndexVersion"/>.</param>
/// <param name="Identity">IDK.</param>
public sealed record PartKeys(
    ushort Class, uint Epoch, uint Generation, byte[] Tree, uint IndexVersion, byte[] Index, byte[] Identity)
{
    /// <summary>IXK of the version before, until no file of the index needs it; then null.</summary>
    public byte[]? PreviousIndex { get; init; }

    public uint PreviousIndexVersion { get; init; }

    /// <summary>The day (since 1970, UTC) of punctures that the index key is still the old one for; null: none.</summary>
    public int? PuncturedDay { get; init; }

    /// <summary>A re-seal under this fresh tree is under way: the tree before it lives until that is done.</summary>
    public bool IsReseal { get; init; }

    public LeaseTarget Target => new(Class, Epoch, Generation, []);
}
