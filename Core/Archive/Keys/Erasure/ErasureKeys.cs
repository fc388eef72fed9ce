using System.Collections.Concurrent;
using System.Security.Cryptography;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Roots;

namespace AMA.Archive.Keys.Erasure;

/// <summary>An erasure key in memory, with the wrap that stands in every blob it serves.</summary>
internal sealed record ErasureKey(ulong Week, Guid Id, Secret Key, byte[] Wrapped) : IDisposable
{
    public void Dispose() => Key.Dispose();
}

/// <summary>
/// The erasure keys (EDK) of one of Control's stores: random keys, each wrapped by that store's own key root under a
/// name of the week. The wrap travels in the blobs; what is destroyed, week by week, is the root's named key, and with
/// it everything that was ever copied from the store. docs/formats/control-state.md, "Erasable blobs". Safe for several
/// callers.
/// </summary>
/// <remarks>
/// A root that is silent or hangs holds nobody up for long: keys that are open are used without asking it, and last
/// week's key goes on while this week's can't be made.
/// </remarks>
public sealed class ErasureKeys(Func<IKeyRoot> root, Region region, IRandom random, TimeProvider time)
    : IDisposable
{
    /// <summary>Open at once: one a week and process, for some seven weeks. Beyond, all are opened again.</summary>
    private const int OpenMax = 256;

    /// <summary>How long a caller waits for the root.</summary>
    public static readonly TimeSpan RootWaitMax = TimeSpan.FromSeconds(2);

    /// <summary>While last week's key serves, this week's is tried so often.</summary>
    public static readonly TimeSpan MakingEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<Guid, ErasureKey> _open = new();
    private readonly ConcurrentDictionary<Guid, byte> _destroyed = new();
    private ErasureKey[] _former = [];
    private volatile ErasureKey? _current;
    private Task<ErasureKey>? _making;
    private ulong _makingWeek;
    private long _makingSince;

    public ulong CurrentWeek => QueueWeek.Of(time.GetUtcNow());

    /// <summary>This week's key, made and wrapped at its first use. Throws <see cref="KeyRootException"/>.</summary>
    internal async ValueTask<ErasureKey> CurrentAsync(CancellationToken cancel)
    {
        var week = CurrentWeek;
        if (_current is { } current && current.Week == week) return current;
        var making = Making(week, out var waited);
        if (_current is not { } last) return await Limited(making, cancel);
        if (waited >= RootWaitMax && !making.IsCompleted) return last;
        try
        {
            return await Limited(making, cancel);
        }
        catch (KeyRootException away) when (away.IsTransient)
        {
            return last;
        }
    }

    /// <summary>
    /// The key of a blob's wrap; null when the root has lost or destroyed what opens it: the blob is then gone for
    /// good. Throws <see cref="KeyRootException"/> for every other fault.
    /// </summary>
    internal async ValueTask<ErasureKey?> FindAsync(ulong week, ReadOnlyMemory<byte> wrapped, CancellationToken cancel)
    {
        var id = IdOf(wrapped.Span);
        if (_open.TryGetValue(id, out var known) && known.Week == week) return known;
        if (_destroyed.ContainsKey(RootKeyOf(wrapped.Span))) return null;
        try
        {
            var key = await Limited(
                root().UnwrapAsync(KeyType.Erasure, ContextOf(week), wrapped, CancellationToken.None), cancel);
            return _destroyed.ContainsKey(RootKeyOf(wrapped.Span)) ? null : Keep(new(week, id, key, wrapped.ToArray()));
        }
        catch (KeyRootException gone) when (gone.Fault == KeyRootFault.Missing)
        {
            return null;
        }
    }

    /// <summary>The next use of this week's key makes a new one: the root behind it has changed.</summary>
    public void Renew()
    {
        lock (_gate) (_current, _making) = (null, null);
    }

    /// <summary>Weeks whose named key still opens something, oldest first.</summary>
    public async Task<ulong[]> LiveWeeksAsync(CancellationToken cancel)
    {
        var keys = await root().ListAsync(cancel);
        return [.. keys.Where(key => key.FinalAt is null).Select(WeekOf).OfType<ulong>().Distinct().Order()];
    }

    /// <summary>
    /// Destroys a week's key in the root and in memory. When it is final: now, or after a vault's recovery days. May be
    /// repeated after a fault.
    /// </summary>
    public async Task<DateTimeOffset> DestroyAsync(ulong week, CancellationToken cancel)
    {
        var final = time.GetUtcNow();
        foreach (var key in (await root().ListAsync(cancel)).Where(key => WeekOf(key) == week))
        {
            Forget(key.Id);
            var at = key.FinalAt ?? await root().DestroyAsync(key, cancel);
            if (at > final) final = at;
        }
        return final;
    }

    public void Dispose()
    {
        foreach (var key in _open.Values.Concat(_former)) key.Dispose();
    }

    /// <summary>One try at a time, whoever asked for it; it goes on when its askers have stopped waiting.</summary>
    private Task<ErasureKey> Making(ulong week, out TimeSpan waited)
    {
        lock (_gate)
        {
            waited = time.GetElapsedTime(_makingSince);
            var rests = _making is { IsFaulted: true } && _current is not null && waited < MakingEvery;
            if (_making is { } making && _makingWeek == week && (!making.IsFaulted || rests)) return making;
            (_makingWeek, _makingSince, waited) = (week, time.GetTimestamp(), TimeSpan.Zero);
            return _making = MakeAsync(week);
        }
    }

    private async Task<ErasureKey> MakeAsync(ulong week)
    {
        var rootKey = await root().EnsureAsync(NameOf(week), CancellationToken.None).ConfigureAwait(false);
        var key = Secret.Random(random);
        var wrapped = await root()
            .WrapAsync(rootKey, KeyType.Erasure, ContextOf(week), key, CancellationToken.None).ConfigureAwait(false);
        return _current = Keep(new(week, IdOf(wrapped), key, wrapped));
    }

    private async Task<T> Limited<T>(Task<T> asked, CancellationToken cancel)
    {
        try
        {
            return await asked.WaitAsync(RootWaitMax, time, cancel);
        }
        catch (TimeoutException late)
        {
            throw new KeyRootException(
                KeyRootFault.Unavailable, $"it did not answer within {RootWaitMax.TotalSeconds:0} s", late);
        }
    }

    private void Forget(Guid rootKey)
    {
        _destroyed[rootKey] = 0;
        if (_current is { } current && RootKeyOf(current.Wrapped) == rootKey) Renew();
        foreach (var key in _open.Values.Where(key => RootKeyOf(key.Wrapped) == rootKey).ToArray())
            if (_open.TryRemove(key.Id, out var gone)) gone.Dispose();
        lock (_gate)
            foreach (var key in _former.Where(key => RootKeyOf(key.Wrapped) == rootKey)) key.Dispose();
    }

    private ErasureKey Keep(ErasureKey key)
    {
        lock (_gate)
            if (_open.Count >= OpenMax) Retire();
        var kept = _open.GetOrAdd(key.Id, key);
        if (!ReferenceEquals(kept, key)) key.Dispose(); // another caller opened it meanwhile
        return kept;
    }

    // Somebody may be using any of these at this moment: so they are zeroed only when as many have been opened again.
    private void Retire()
    {
        foreach (var key in _former.Where(key => !ReferenceEquals(key, _current))) key.Dispose();
        _former = [.. _open.Values, .. _former.Where(key => ReferenceEquals(key, _current))];
        _open.Clear();
    }

    private static Guid RootKeyOf(ReadOnlySpan<byte> wrapped) => KeyBlob.Peek(wrapped).WrappingKeyId;

    private string NamePrefix => $"edk-{region.Text()}-";

    private string NameOf(ulong week) => $"{NamePrefix}{week}";

    private ulong? WeekOf(RootKey key) => key.Name.StartsWith(NamePrefix, StringComparison.Ordinal)
        && ulong.TryParse(key.Name[NamePrefix.Length..], out var week) ? week : null;

    private string ContextOf(ulong week) => KeyContext.Of(KeyType.Erasure, region, epoch: (uint)week);

    private static Guid IdOf(ReadOnlySpan<byte> wrapped) =>
        new(SHA256.HashData(wrapped).AsSpan(0, 16), bigEndian: true);
}
