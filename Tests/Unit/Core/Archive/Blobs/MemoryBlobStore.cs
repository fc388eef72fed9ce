using System.Runtime.CompilerServices;
using AMA.Archive.Blobs;

namespace AMA.Tests.Unit.Core.Archive.Blobs;

public enum BlobOperation
{
    Put,
    Get,
    Read,
    Stat,
    List,
    Delete,
}

public enum BlobFault
{
    None,
    /// <summary>Nothing happens, and the caller hears of a transient fault.</summary>
    Before,
    /// <summary>It happens, but the answer is lost: the caller hears of a transient fault.</summary>
    After,
}

/// <summary>
/// <see cref="IBlobStore"/> in memory, with faults on demand. The fault model: a call takes effect whole, before its
/// answer, or not at all; an answer may be lost; nothing that was answered is lost. It does not tear, reorder or
/// forget.
/// </summary>
public sealed class MemoryBlobStore : IBlobStore
{
    private readonly Lock _turn = new();
    private readonly SortedDictionary<string, Blob> _blobs = new(StringComparer.Ordinal);
    private long _etags;

    /// <summary>Asked before each call.</summary>
    public Func<BlobOperation, string, BlobFault> Faults { get; set; } = (_, _) => BlobFault.None;

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        PutIfMatchAsync(name, content, null, cancel);

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel) =>
        Run(BlobOperation.Put, name, cancel, () =>
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, BlobLimits.SmallBytesMax);
            return Put(name, content, etag);
        });

    public ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel)
    {
        BlobNames.Check(name);
        return new(new Writer(this, name));
    }

    public ValueTask<Blob?> GetAsync(string name, CancellationToken cancel) =>
        Run(BlobOperation.Get, name, cancel, () => _blobs.GetValueOrDefault(name));

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
        Run(BlobOperation.Read, name, cancel, () =>
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            var blob = _blobs.GetValueOrDefault(name) ?? throw new BlobNotFoundException(name);
            var start = (int)Math.Min(offset, blob.Content.Length);
            var part = blob.Content[start..Math.Min(blob.Content.Length, start + buffer.Length)];
            part.CopyTo(buffer);
            return part.Length;
        });

    public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) =>
        Run(BlobOperation.Stat, name, cancel, () => _blobs.TryGetValue(name, out var blob)
            ? new BlobInfo(name, blob.Content.Length, blob.ETag)
            : (BlobInfo?)null);

    public async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        BlobNames.CheckPrefix(prefix);
        var found = await Run(BlobOperation.List, "a", cancel, () => _blobs
            .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Where(pair => after is null || string.CompareOrdinal(pair.Key, after) > 0)
            .Select(pair => new BlobInfo(pair.Key, pair.Value.Content.Length, pair.Value.ETag))
            .ToList());
        foreach (var blob in found) yield return blob;
    }

    public async ValueTask DeleteAsync(string name, CancellationToken cancel) =>
        await Run(BlobOperation.Delete, name, cancel, () => _blobs.Remove(name));

    /// <summary>Changes a blob behind everybody's back: a bad disk, or somebody with access to it.</summary>
    public void Damage(string name, Func<byte[], byte[]> change)
    {
        lock (_turn) _blobs[name] = new Blob(change(_blobs[name].Content.ToArray()), $"{++_etags}");
    }

    /// <summary>Loses a blob as a bad disk does: no deletion was asked for.</summary>
    public void Lose(string name)
    {
        lock (_turn) _blobs.Remove(name);
    }

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_turn) return [.. _blobs.Keys];
        }
    }

    private PutResult Put(string name, ReadOnlyMemory<byte> content, string? etag)
    {
        if (_blobs.GetValueOrDefault(name)?.ETag != etag) return PutResult.Refused;
        var blob = new Blob(content.ToArray(), $"{++_etags}");
        _blobs[name] = blob;
        return new PutResult(true, blob.ETag);
    }

    private ValueTask<T> Run<T>(BlobOperation operation, string name, CancellationToken cancel, Func<T> work)
    {
        BlobNames.Check(name);
        cancel.ThrowIfCancellationRequested();
        var fault = Faults(operation, name);
        if (fault == BlobFault.Before) throw Lost(operation, name);
        lock (_turn)
        {
            var result = work();
            return fault == BlobFault.After ? throw Lost(operation, name) : new ValueTask<T>(result);
        }
    }

    private static BlobStoreException Lost(BlobOperation operation, string name) =>
        new($"{operation} {name}: planned fault", transient: true);

    private sealed class Writer(MemoryBlobStore store, string name) : IBlobWriter
    {
        private readonly MemoryStream _content = new();

        public ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancel)
        {
            _content.Write(content.Span);
            return default;
        }

        public ValueTask<PutResult> CommitAsync(CancellationToken cancel) =>
            store.Run(BlobOperation.Put, name, cancel, () => store.Put(name, _content.ToArray(), null));

        public ValueTask DisposeAsync() => default;
    }
}
