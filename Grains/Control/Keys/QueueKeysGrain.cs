using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control.Keys;

/// <summary>The region's weekly queue keys; makes what is due whenever it is asked. Key: the region.</summary>
[Alias("ama.control.internal.queue-keys")]
internal interface IQueueKeysGrain : IGrainWithStringKey
{
    /// <summary>All keys, oldest first, private halves wrapped. Each is durable in both stores.</summary>
    [Alias("current")] Task<QueueKey[]> Current();

    /// <summary>
    /// A back-end silo has looked at every spool store: nothing there needs a key older than
    /// <paramref name="oldestWeek"/>. Keys whose time is over die.
    /// </summary>
    [Alias("report")] Task Report(ulong oldestWeek);

    /// <summary>Every private half under the newest store key. One write.</summary>
    [Alias("rewrap")] Task Rewrap();
}

/// <param name="Private">AMK1 under the region's store key: no key travels in a grain call.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.queue-key")]
public sealed record QueueKey(
    [property: Id(0)] ulong Week, [property: Id(1)] byte[] Public, [property: Id(2)] byte[] Private);

public sealed record QueueKeysState
{
    public QueueKey[] Keys { get; init; } = [];
}

[GrainType("ama.control.queue-keys")]
public sealed class QueueKeysGrain(
    [PersistentState("queue-keys", ControlStorage.Name)] IPersistentState<QueueKeysState> stored,
    KeyRing ring, IRandom random, TimeProvider time, ILogger<QueueKeysGrain> log) : Grain, IQueueKeysGrain
{
    private MarkedState<QueueKeysState> _state = null!;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        var region = this.GetPrimaryKeyString();
        RegionCheck.Only(ring, region);
        _state = new(stored, GrainFactory.GetGrain<IAuditGrain>(region), time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    async Task<QueueKey[]> IQueueKeysGrain.Current()
    {
        var keys = _state.Value.Keys;
        var missing = QueueKeySchedule.Missing([.. keys.Select(key => key.Week)], time.GetUtcNow());
        if (missing.Length == 0) return keys;
        QueueKey[] next = [.. keys.Concat(missing.Select(Make)).OrderBy(key => key.Week)];
        await _state.WriteAsync(new QueueKeysState { Keys = next });
        return next;
    }

    async Task IQueueKeysGrain.Report(ulong oldestWeek)
    {
        var now = time.GetUtcNow();
        var dying = _state.Value.Keys.Where(key => QueueKeySchedule.MayDie(key.Week, oldestWeek, now)).ToArray();
        if (dying.Length == 0) return;
        await GrainFactory.GetGrain<IAuditGrain>(this.GetPrimaryKeyString()).Append(
            new AuditEntry(AuditAct.QueueKeyDestruction, true, now)
            {
                Targets = [.. dying.Select(key => $"{key.Week}")],
            }, null);
        await _state.WriteAsync(_state.Value with { Keys = [.. _state.Value.Keys.Except(dying)] });
    }

    async Task IQueueKeysGrain.Rewrap()
    {
        var keys = _state.Value.Keys;
        if (keys.All(key => KeyBlob.Peek(key.Private).WrappingKeyId == ring.Store.Newest.Id)) return;
        await _state.WriteAsync(_state.Value with { Keys = [.. keys.Select(Again)] });
    }

    private QueueKey Again(QueueKey key)
    {
        using var secret = Open(ring, key);
        return key with { Private = ring.Store.Wrap(KeyType.Queue, ContextOf(ring, key.Week), secret, random) };
    }

    private QueueKey Make(ulong week)
    {
        var (secret, publicKey) = KeyAgreement.NewPair(random);
        using (secret)
            return new(week, publicKey, ring.Store.Wrap(KeyType.Queue, ContextOf(ring, week), secret, random));
    }

    internal static Secret Open(KeyRing ring, QueueKey key) =>
        ring.Store.Unwrap(KeyType.Queue, ContextOf(ring, key.Week), key.Private);

    private static string ContextOf(KeyRing ring, ulong week) =>
        KeyContext.Of(KeyType.Queue, ring.Region, epoch: (uint)week);
}
