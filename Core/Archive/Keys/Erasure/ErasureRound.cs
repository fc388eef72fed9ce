using System.Runtime.CompilerServices;
using AMA.Archive.Access;
using AMA.Archive.Blobs;

namespace AMA.Archive.Keys.Erasure;

/// <summary>A store with its own erasure keys, as the backup and the records call it.</summary>
/// <param name="Name">"a" or "b".</param>
public sealed record ErasingStore(string Name, ErasableStore Store);

/// <summary>An erasure key that is due to be destroyed.</summary>
/// <param name="References">Blobs, in the store or its newest backup, that still need it: it must wait.</param>
public sealed record DueErasure(string Store, ulong Week, int References);

/// <summary>
/// The weekly round: what lives is wrapped under the newest erasure keys, and old keys are destroyed when nothing needs
/// them. Every step may be interrupted and repeated.
/// </summary>
/// <param name="both">The pair, which shows contents and heals what differs.</param>
public sealed class ErasureRound(
    IBlobStore both, IReadOnlyList<ErasingStore> stores, OffsiteBackup backup, TimeProvider time)
{
    /// <summary>A key is destroyed so long after its week began: until then, old backups can be put back.</summary>
    public static readonly TimeSpan KeyLife = TimeSpan.FromDays(35);

    /// <summary>Destroyed later than this, it is late: something keeps what was erased.</summary>
    public static readonly TimeSpan LateAfter = KeyLife + TimeSpan.FromDays(7);

    /// <summary>Erasable blobs' names, in their order.</summary>
    /// <param name="after">The last one that had its turn; null: from the first.</param>
    public async IAsyncEnumerable<string> NamesAsync(string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var info in both.ListAsync(ErasableStore.Prefix, after, cancel)) yield return info.Name;
    }

    /// <summary>Null: it is gone, or nothing opens it any more.</summary>
    public ValueTask<Blob?> ReadAsync(string name, CancellationToken cancel) => both.GetAsync(name, cancel);

    /// <summary>Under this week's keys in both stores, durable there and in the backup. How many it was new to.</summary>
    public async Task<int> RewrapAsync(string name, CancellationToken cancel)
    {
        var count = 0;
        foreach (var (_, store) in stores)
            if (await store.RewrapAsync(name, cancel)) count++;
        return count;
    }

    /// <summary>The keys whose time has come, after a look at everything that might need them.</summary>
    public async Task<IReadOnlyList<DueErasure>> DueAsync(CancellationToken cancel)
    {
        var due = new List<DueErasure>();
        foreach (var store in stores)
        {
            var weeks = await store.Store.Keys.LiveWeeksAsync(cancel);
            ulong[] old = [.. weeks.Where(week => time.GetUtcNow() >= QueueWeek.Begin(week) + KeyLife)];
            if (old.Length == 0) continue;
            var references = await ReferencesAsync(store, cancel);
            due.AddRange(old.Select(week => new DueErasure(
                store.Name, week, references.Count(needed => needed == week))));
        }
        return due;
    }

    /// <summary>The oldest week whose key, in either store, still opens something.</summary>
    public async Task<ulong> OldestLiveWeekAsync(CancellationToken cancel)
    {
        var oldest = ulong.MaxValue;
        foreach (var store in stores)
            if (await store.Store.Keys.LiveWeeksAsync(cancel) is [var first, ..]) oldest = Math.Min(oldest, first);
        return oldest;
    }

    /// <summary>
    /// Versions in the off-site backup that were replaced before any living erasure key was made: nothing of them that
    /// could die opens any more.
    /// </summary>
    public ValueTask<long> PruneBackupAsync(CancellationToken cancel) =>
        backup.PruneAsync(time, LateAfter, cancel);

    public bool IsLate(ulong week) => time.GetUtcNow() >= QueueWeek.Begin(week) + LateAfter;

    /// <summary>When the destruction is final.</summary>
    public Task<DateTimeOffset> DestroyAsync(DueErasure due, CancellationToken cancel)
    {
        if (due.References > 0) throw new InvalidOperationException($"{due.References} blobs need the key");
        return stores.Single(store => store.Name == due.Store).Store.Keys.DestroyAsync(due.Week, cancel);
    }

    /// <summary>
    /// The weeks needed, one entry for each blob and place. A name that the store has no more needs nothing: what the
    /// backup has of it is to die.
    /// </summary>
    private async Task<List<ulong>> ReferencesAsync(ErasingStore store, CancellationToken cancel)
    {
        var weeks = new List<ulong>();
        var names = new HashSet<string>();
        await foreach (var (name, week) in store.Store.ReferencesAsync(cancel))
        {
            names.Add(name);
            weeks.Add(week);
        }
        await foreach (var (name, content) in backup.NewestAsync(store.Name, ErasableStore.Prefix, cancel))
            if (names.Contains(name)) weeks.Add(ErasableStore.WeekOf(content));
        return weeks;
    }
}
