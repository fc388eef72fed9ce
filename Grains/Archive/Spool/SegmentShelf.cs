using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Spool;

/// <summary>The stores that gateways write to; each holds every segment.</summary>
public sealed record SpoolStores(IReadOnlyList<IBlobStore> All);

/// <summary>
/// Segments that are being worked on, checked and open, so that reader and ingest read each once. Bounded in bytes;
/// what was dropped is read and checked again. With the last queue lease every segment is closed: its key was made of
/// the lease's.
/// </summary>
public sealed class SegmentShelf : IDisposable
{
    private const long BytesMax = 96 << 20;
    private const int SegmentsMax = 1_024;

    /// <summary>Up to this length a segment is held in memory; only a large message's own segment is longer.</summary>
    private const int InMemoryBytesMax = 4 << 20;

    private readonly SpoolStores _spool;
    private readonly LeaseHolder _holder;
    private readonly QueueTrust _trust;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<SegmentId, OpenSegment> _open = [];
    private readonly Queue<SegmentId> _order = [];
    private long _bytes;

    public SegmentShelf(SpoolStores spool, LeaseHolder holder, QueueTrust trust, ILogger<SegmentShelf> log)
    {
        (_spool, _holder, _trust, _log) = (spool, holder, trust, log);
        holder.SomeEnded += CloseEnded;
    }

    /// <summary>
    /// The segment from the first store whose copy is whole. Throws <see cref="SegmentException"/> when no copy is,
    /// <see cref="ArchiveException"/> Locked without the queue key, Unavailable when it is in no store.
    /// </summary>
    public async ValueTask<OpenSegment> GetAsync(SegmentId id)
    {
        if (!_holder.QueueIsOpen)
            throw new ArchiveException(ArchiveRefusal.Locked, "the queue is locked: no key lease at present");
        lock (_gate)
        {
            if (_open.TryGetValue(id, out var open)) return open;
        }
        var loaded = await LoadAsync(id);
        lock (_gate)
        {
            if (_open.TryAdd(id, loaded))
            {
                _order.Enqueue(id);
                _bytes += loaded.Weight;
                Shrink(id);
            }
            else
            {
                loaded.Dispose();
            }
            return _open[id];
        }
    }

    /// <summary>What the copies of a damaged segment still tell, together; see <see cref="SegmentSalvage"/>.</summary>
    public async Task<IReadOnlyList<Envelope?>> SalvageAsync(SegmentId id)
    {
        var found = new List<Envelope?>();
        foreach (var store in _spool.All)
        {
            var name = SegmentNames.Of(id);
            if (await store.StatAsync(name, default) is not { Length: <= InMemoryBytesMax }) continue;
            if (await store.GetAsync(name, default) is not { } copy) continue;
            foreach (var (i, record) in SegmentSalvage.Read(copy.Content, Key).Index())
            {
                if (i == found.Count) found.Add(record);
                else found[i] ??= record;
            }
        }
        return found;
    }

    public void Drop(SegmentId id)
    {
        lock (_gate)
        {
            Remove(id);
            if (_order.Count <= 2 * SegmentsMax) return;
            _order.Clear();
            foreach (var open in _open.Keys)
                _order.Enqueue(open);
        }
    }

    public void Dispose()
    {
        _holder.SomeEnded -= CloseEnded;
        CloseAll();
    }

    private void CloseEnded()
    {
        if (!_holder.QueueIsOpen) CloseAll();
    }

    private void CloseAll()
    {
        lock (_gate)
        {
            foreach (var id in _open.Keys.ToArray())
                Remove(id);
        }
    }

    private async ValueTask<OpenSegment> LoadAsync(SegmentId id)
    {
        Exception? fault = null;
        foreach (var store in _spool.All)
        {
            try
            {
                if (await LoadAsync(store, id) is { } open) return open;
            }
            catch (Exception e) when (e is SegmentException or BlobStoreException)
            {
                SpoolLog.CopyUnusable(_log, id, e.Message);
                // A store that can't answer may hold the whole copy: only when all do can it come to quarantine.
                fault = fault as BlobStoreException ?? e;
            }
        }
        throw fault as SegmentException as Exception
            ?? new ArchiveException(ArchiveRefusal.Unavailable, $"segment {id} is in no spool store that answers");
    }

    private async ValueTask<OpenSegment?> LoadAsync(IBlobStore store, SegmentId id)
    {
        var name = SegmentNames.Of(id);
        if (await store.StatAsync(name, default) is not { } info) return null;
        var checker = await _trust.CurrentAsync();
        if (info.Length > InMemoryBytesMax)
        {
            var large = await SegmentReader.VerifyAsync(store, name, checker, default);
            return new(large, await SegmentOpener.CreateAsync(store, id, Key, default), default, store);
        }
        var bytes = (await store.GetAsync(name, default))?.Content ?? throw new BlobNotFoundException(name);
        var verified = SegmentReader.Verify(bytes, checker);
        if (verified.Head.Id != id) throw new SegmentException(SegmentFault.Format, $"{name} holds another segment");
        return new(verified, SegmentOpener.Create(bytes.Span[..SegmentHead.Bytes], Key), bytes, store);
    }

    private AMA.Archive.Keys.Secret? Key(ulong keyId) => _holder.QueueKey(keyId);

    private void Shrink(SegmentId keep)
    {
        while ((_bytes > BytesMax || _open.Count > SegmentsMax) && _order.TryDequeue(out var oldest))
        {
            if (oldest != keep) Remove(oldest);
            else if (_order.Count == 0) return;
        }
    }

    private void Remove(SegmentId id)
    {
        if (!_open.Remove(id, out var open)) return;
        _bytes -= open.Weight;
        open.Dispose();
    }
}
