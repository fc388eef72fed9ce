using AMA.Archive.Ids;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Archive.Metering;

namespace AMA.Grains.Archive.Archive;

/// <summary>What every archive of a silo works with.</summary>
public sealed record ArchiveRoom(
    StorePair Stores, LeaseClient Leases, LeaseHolder Holder, IRandom Random, TimeProvider Time, ArchiveMeters Meters);
