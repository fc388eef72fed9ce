using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Archive.Threads;
using AMA.Search;

namespace AMA.Grains.Archive.Index;

/// <summary>Where a silo's indexes lie and what they share. <paramref name="Directory"/> is on this machine only.</summary>
public sealed record IndexRoomOptions(string Directory)
{
    /// <summary>How often what was added becomes findable. Default: 1 s. Shorter costs flushes.</summary>
    public TimeSpan RefreshEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often it becomes durable. Default: 5 s. Longer means more to read again after a crash.</summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>
/// Opens the indexes of this silo's retention parts with the keys its leases give, and locks them when the last such
/// lease has ended, whatever their grains do at that moment.
/// </summary>
public sealed class IndexRoom : IDisposable
{
    private readonly ConcurrentDictionary<MailIndex, RetentionPart> _open = new();
    private readonly IndexRoomOptions _options;
    private readonly IndexMachine _machine;
    private readonly LeaseHolder _holder;
    private readonly SiloThreads _threads;
    private readonly IndexPlaces _places;

    public IndexRoom(
        IndexRoomOptions options, IndexMachine machine, LeaseHolder holder, SiloThreads threads, IndexPlaces places)
    {
        (_options, _machine, _holder, _threads, _places) = (options, machine, holder, threads, places);
        holder.SomeEnded += LockEnded;
    }

    public IndexRoomOptions Options => _options;
    public SiloThreads Threads => _threads;
    public TimeProvider Time => _machine.Time;

    /// <summary>False from 30 s before the last lease with the part's index key ends: close, start nothing new.</summary>
    public bool MayStart(RetentionPart part) => _holder.IndexMayStart(part);

    /// <summary>False once the last lease with the part's index key has ended: no answer leaves.</summary>
    public bool IsLive(RetentionPart part) => _holder.IndexKey(part) is not null;

    /// <summary>See <see cref="IndexPlaces.ReadyAsync"/>; before the first <see cref="Open"/>.</summary>
    public Task ReadyAsync() => _places.ReadyAsync();

    /// <summary>Throws <see cref="IndexLockedException"/> without a lease.</summary>
    public MailIndex Open(RetentionPart part)
    {
        var key = _holder.IndexKey(part) ?? throw new IndexLockedException($"no lease opens the index of {part}");
        var place = new IndexPlace(_places.FilesOf(part), IdOf(part));
        var index = MailIndex.Open(place, new(key.KeyId, version => KeyOf(part, version)), _machine, new());
        _open[index] = part;
        if (!IsLive(part)) index.Lock();
        return index;
    }

    public void Close(MailIndex index)
    {
        _open.TryRemove(index, out _);
        index.Dispose();
    }

    public void Dispose() => _holder.SomeEnded -= LockEnded;

    private void LockEnded()
    {
        foreach (var (index, part) in _open)
            if (!index.IsLocked && !IsLive(part)) index.Lock();
    }

    /// <summary>Deletes a closed index from this machine's disk.</summary>
    public async Task DeleteAsync(RetentionPart part)
    {
        await _places.ReadyAsync();
        await _threads.Ingest.RunAsync(() => _places.Delete(part));
    }

    /// <summary>Puts a damaged index aside, for people to look at; an empty one takes its place.</summary>
    public void PutAside(RetentionPart part) => _places.PutAside(part);

    private AMA.Archive.Keys.Secret KeyOf(RetentionPart part, ulong version) =>
        _holder.IndexKey(part, version)?.Key
            ?? throw new IndexLockedException($"no lease opens version {version} of the index of {part}");

    private static Guid IdOf(RetentionPart part) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"ama/index@v1|{part}")).AsSpan(0, 16), bigEndian: true);
}
