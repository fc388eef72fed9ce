using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control.Keys;

/// <summary>
/// The keys of what archive silos keep on their own disks; makes what is due whenever it is asked. Key: the region.
/// </summary>
[Alias("ama.control.internal.partition-keys")]
internal interface IPartitionKeysGrain : IGrainWithStringKey
{
    /// <summary>Every live version of the partition, oldest first, durable in both stores.</summary>
    /// <param name="oldestNeeded">No file of the partition needs an older version: those die. Null: not known.</param>
    [Alias("current")] Task<PartitionKey[]> Current(string partition, uint? oldestNeeded);

    /// <summary>Every key under the newest store key. One write.</summary>
    [Alias("rewrap")] Task Rewrap();
}

[GrainType("ama.control.partition-keys")]
internal sealed class PartitionKeysGrain(
    [PersistentState("partition-keys", ControlStorage.Name)] IPersistentState<PartitionKeysState> stored,
    KeyRing ring, IRandom random, TimeProvider time, ILogger<PartitionKeysGrain> log) : Grain, IPartitionKeysGrain
{
    private MarkedState<PartitionKeysState> _state = null!;

    private IAuditGrain Audit => GrainFactory.GetGrain<IAuditGrain>(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Only(ring, this.GetPrimaryKeyString());
        _state = new(stored, Audit, time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    async Task<PartitionKey[]> IPartitionKeysGrain.Current(string partition, uint? oldestNeeded)
    {
        var now = time.GetUtcNow();
        var next = _state.Value.Next(partition, oldestNeeded, now, version => Make(partition, version));
        if (ReferenceEquals(next, _state.Value)) return next.Of(partition);
        var gone = _state.Value.Keys.Except(next.Keys).Select(key => $"{key.Partition} {key.Version}").ToArray();
        if (gone.Length > 0)
            await Audit.Append(new AuditEntry(AuditAct.PartitionKeyDestruction, true, now) { Targets = gone }, null);
        await _state.WriteAsync(next);
        return next.Of(partition);
    }

    async Task IPartitionKeysGrain.Rewrap()
    {
        var keys = _state.Value.Keys;
        if (keys.All(key => KeyBlob.Peek(key.Wrapped).WrappingKeyId == ring.Store.Newest.Id)) return;
        await _state.WriteAsync(new() { Keys = [.. keys.Select(Again)] });
    }

    internal static Secret Open(KeyRing ring, PartitionKey key) =>
        ring.Store.Unwrap(KeyType.Partition, ContextOf(ring, key.Partition, key.Version), key.Wrapped);

    private byte[] Make(string partition, uint version)
    {
        using var made = Secret.Random(random);
        return ring.Store.Wrap(KeyType.Partition, ContextOf(ring, partition, version), made, random);
    }

    private PartitionKey Again(PartitionKey key)
    {
        using var secret = Open(ring, key);
        return key with
        {
            Wrapped = ring.Store.Wrap(
                KeyType.Partition, ContextOf(ring, key.Partition, key.Version), secret, random),
        };
    }

    /// <summary>As of any key, with the partition's name behind it: names have no "|".</summary>
    private static string ContextOf(KeyRing ring, string partition, uint version) =>
        $"{KeyContext.Of(KeyType.Partition, ring.Region, generation: version)}|{partition}";
}
