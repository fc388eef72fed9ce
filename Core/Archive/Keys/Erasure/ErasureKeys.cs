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
/// it everything that was ever copied from the store. While the root is silent, last week's key goes on. docs/formats/control-state.md, "Erasable blobs". Safe for several
/// callers.
/// </summary>
public sealed class ErasureKeys(Func<IKeyRoot> root, Region region, IRandom random, TimeProvider time)
    : IDisposable
{
    /// <summary>Open at once: one a week and process, for some seven weeks. Beyond, all are opened again.</summary>
    private const int OpenMax = 256;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<Guid, ErasureKey> _open = [];
    private readonly HashSet<ulong> _destroyed = [];
    private ErasureKey? _current;

    public ulong CurrentWeek => QueueWeek.Of(time.GetUtcNow());

    /// <summary>This week's key, made and wrapped at its first use. Throws <see cref="KeyRootException"/>.</summary>
    internal async ValueTask<ErasureKey> CurrentAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var week = CurrentWeek;
            if (_current?.Week == week) return _current;
            return _current = Keep(await MakeAsync(week, cancel));
        }
        catch (KeyRootException away) when (away.IsTransient && _current is not null)
        {
            return _current;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// The key of a blob's wrap; null when the root has lost or destroyed what opens it: the blob is then gone for
    /// good. Throws <see cref="KeyRootException"/> for every other fault.
    /// </summary>
    internal async ValueTask<ErasureKey?> FindAsync(ulong week, ReadOnlyMemory<byte> wrapped, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            if (_destroyed.Contains(week)) return null;
            var id = IdOf(wrapped.Span);
            if (_open.TryGetValue(id, out var known) && known.Week == week) return known;
            var key = await root().UnwrapAsync(KeyType.Erasure, ContextOf(week), wrapped, cancel);
            return Keep(new(week, id, key, wrapped.ToArray()));
        }
        catch (KeyRootException gone) when (gone.Fault == KeyRootFault.Missing)
        {
            return null;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The next use of this week's key makes a new one: the root behind it has changed.</summary>
    public async Task RenewAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        _current = null;
        _turn.Release();
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
        await _turn.WaitAsync(cancel);
        try
        {
            Forget(week);
            var final = time.GetUtcNow();
            foreach (var key in (await root().ListAsync(cancel)).Where(key => WeekOf(key) == week))
            {
                var at = key.FinalAt ?? await root().DestroyAsync(key, cancel);
                if (at > final) final = at;
            }
            return final;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        foreach (var key in _open.Values) key.Dispose();
        _turn.Dispose();
    }

    private async Task<ErasureKey> MakeAsync(ulong week, CancellationToken cancel)
    {
        var rootKey = await root().EnsureAsync(NameOf(week), cancel);
        var key = Secret.Random(random);
        var wrapped = await root().WrapAsync(rootKey, KeyType.Erasure, ContextOf(week), key, cancel);
        return new(week, IdOf(wrapped), key, wrapped);
    }

    private void Forget(ulong week)
    {
        _destroyed.Add(week);
        if (_current?.Week == week) _current = null;
        foreach (var key in _open.Values.Where(key => key.Week == week).ToArray())
        {
            _open.Remove(key.Id);
            key.Dispose();
        }
    }

    // Never disposes of what somebody may be using at this moment: what is beyond the limit is left to the collector.
    private ErasureKey Keep(ErasureKey key)
    {
        if (_open.Count >= OpenMax) _open.Clear();
        _open[key.Id] = key;
        return key;
    }

    private string NamePrefix => $"edk-{region.Text()}-";

    private string NameOf(ulong week) => $"{NamePrefix}{week}";

    private ulong? WeekOf(RootKey key) => key.Name.StartsWith(NamePrefix, StringComparison.Ordinal)
        && ulong.TryParse(key.Name[NamePrefix.Length..], out var week) ? week : null;

    private string ContextOf(ulong week) => KeyContext.Of(KeyType.Erasure, region, epoch: (uint)week);

    private static Guid IdOf(ReadOnlySpan<byte> wrapped) =>
        new(SHA256.HashData(wrapped).AsSpan(0, 16), bigEndian: true);
}
