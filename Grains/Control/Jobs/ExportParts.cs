using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Jobs;

/// <summary>Leaves by part, as they travel in grain calls and as the rules know them.</summary>
internal static class ExportParts
{
    public static ExportPart[] Of(IEnumerable<LeaseTarget> targets) =>
        [.. targets.Select(target => new ExportPart(target.Class, target.Epoch, target.Generation, target.Leaves))];

    public static LeaseTarget[] Targets(IEnumerable<ExportPart> parts) =>
        [.. parts.Select(part => new LeaseTarget(part.Class, part.Epoch, part.Generation, part.Leaves ?? []))];
}

internal static class TenantKey
{
    /// <summary>"{region}/{tenant id}": the tenant. Throws <see cref="ControlException"/> (NotFound).</summary>
    public static Guid Of(KeyRing ring, string key) => Guid.TryParseExact(RegionCheck.Rest(ring, key), "N", out var id)
        ? id
        : throw new ControlException(ControlRefusal.NotFound, "There is no such tenant.");
}
