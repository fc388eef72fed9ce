using System.Collections.Immutable;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Grains.Archive.Leases;

/// <summary>
/// The keys (PDK) of what this silo keeps on its own disk. Control hands them out at the silo's start; they stay in
/// memory until its end, or until the silo is revoked.
/// </summary>
/// <param name="ask">
/// <see cref="LeaseClient.PartitionAsync"/>: throws <see cref="Interfaces.Archive.ArchiveException"/> (Locked) while
/// Control is away.
/// </param>
/// <param name="place">Whose disk it is; asked only after the silo has its papers.</param>
public sealed class PartitionKeys(Func<ulong?, Task<HeldLease>> ask, Func<LocalPlace> place) : IDisposable
{
    private readonly SemaphoreSlim _asking = new(1, 1);

    /// <summary>A revocation comes at any moment: what it disposed of must not be put back by an answer.</summary>
    private readonly Lock _changing = new();

    private ImmutableSortedDictionary<ulong, Secret> _keys = ImmutableSortedDictionary<ulong, Secret>.Empty;

    public LocalPlace Place => place();

    /// <summary>What new files are sealed under; null: Control has handed out nothing yet.</summary>
    public LocalKey? Newest => _keys is { IsEmpty: false } keys ? new(keys.Last().Key, keys.Last().Value) : null;

    /// <summary>More than one: files may wait to be rewritten.</summary>
    public int Versions => _keys.Count;

    /// <summary>Null: the version is gone, or not handed out yet.</summary>
    public Secret? Of(ulong version) => _keys.GetValueOrDefault(version);

    /// <summary>Asks once. Throws <see cref="Interfaces.Archive.ArchiveException"/> (Locked) while Control is away.</summary>
    public async Task EnsureAsync()
    {
        if (Newest is not null) return;
        await AskAsync(null);
    }

    /// <summary>Asks anew: after its time Control gives a newer version. Throws as <see cref="EnsureAsync"/>.</summary>
    /// <param name="oldestNeeded">No file here needs an older version: Control destroys those. Null: not known.</param>
    public async Task AskAsync(ulong? oldestNeeded)
    {
        await _asking.WaitAsync();
        try
        {
            using var lease = await ask(oldestNeeded);
            lock (_changing) Take(lease);
        }
        finally
        {
            _asking.Release();
        }
    }

    private void Take(HeldLease lease)
    {
        var next = lease.Keys.ToImmutableSortedDictionary(
            key => key.KeyId, key => _keys.GetValueOrDefault(key.KeyId) ?? key.Key.Clone());
        var gone = _keys.Values.Except(next.Values).ToArray();
        _keys = next;
        foreach (var key in gone) key.Dispose();
    }

    /// <summary>The silo was revoked: nothing is read or written with them any more.</summary>
    public void Forget()
    {
        lock (_changing)
        {
            var gone = _keys;
            _keys = ImmutableSortedDictionary<ulong, Secret>.Empty;
            foreach (var key in gone.Values) key.Dispose();
        }
    }

    public void Dispose()
    {
        Forget();
        _asking.Dispose();
    }
}
