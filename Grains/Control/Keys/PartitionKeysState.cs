using Orleans;

namespace AMA.Grains.Control.Keys;

/// <summary>One version of the key (PDK) of what a silo keeps on its own disk.</summary>
/// <param name="Partition">The silo's name.</param>
/// <param name="Wrapped">AMK1 under the region's store key: no key travels in a grain call.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.partition-key")]
public sealed record PartitionKey(
    [property: Id(0)] string Partition, [property: Id(1)] uint Version, [property: Id(2)] DateTimeOffset MadeAt,
    [property: Id(3)] byte[] Wrapped);

/// <summary>The region's partition keys. A value.</summary>
public sealed record PartitionKeysState
{
    /// <summary>A key wraps nothing new after so long: the next request gets a newer one.</summary>
    public static readonly TimeSpan KeyLife = TimeSpan.FromDays(90);

    /// <summary>
    /// Silos; of more the one whose key is oldest goes. What it sealed was derived, and is made again when it comes back.
    /// </summary>
    public const int PartitionsMax = 1024;

    public PartitionKey[] Keys { get; init; } = [];

    /// <summary>Oldest version first.</summary>
    public PartitionKey[] Of(string partition) =>
        [.. Keys.Where(key => key.Partition == partition).OrderBy(key => key.Version)];

    /// <summary>
    /// The state in which the partition has a key that is young enough, and none older than it needs.
    /// </summary>
    /// <param name="oldestNeeded">The partition's own word after it rewrote its files; null: not known.</param>
    /// <param name="wrap">Makes a key of this version and wraps it.</param>
    public PartitionKeysState Next(
        string partition, uint? oldestNeeded, DateTimeOffset now, Func<uint, byte[]> wrap)
    {
        var own = Of(partition);
        // The newest is what the next file is sealed under, whatever is said.
        var kept = own.Where(key => key == own[^1] || key.Version >= (oldestNeeded ?? 0)).ToList();
        if (kept.Count == 0 || now - kept[^1].MadeAt >= KeyLife)
        {
            var version = (kept.LastOrDefault()?.Version ?? 0) + 1;
            kept.Add(new(partition, version, now, wrap(version)));
        }
        if (kept.SequenceEqual(own)) return this;
        var others = Keys.Where(key => key.Partition != partition).GroupBy(key => key.Partition)
            .OrderByDescending(keys => keys.Max(key => key.MadeAt)).Take(PartitionsMax - 1).SelectMany(keys => keys);
        return new() { Keys = [.. others, .. kept] };
    }
}
