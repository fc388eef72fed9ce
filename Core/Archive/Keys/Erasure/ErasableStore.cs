using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Roots;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Erasure;

/// <summary>
/// One of Control's stores, with the blobs below <see cref="Prefix"/> sealed so that they can die; the others pass as
/// they are. Whoever uses it sees contents only, so two stores with different keys compare as equal.
/// </summary>
/// <remarks>
/// A blob whose erasure key is gone is as good as not there, and is answered so: the other store of the pair then
/// restores it. ETags are the content's SHA-256, which a re-wrapping doesn't change.
/// </remarks>
public sealed class ErasableStore(IBlobStore inner, ErasureKeys keys, Region region, IRandom random) : IBlobStore
{
    public const string Prefix = "erasable/";

    /// <summary>Each turn that doesn't end it means that another writer moved the name on.</summary>
    private const int TurnsMax = 100;

    public ErasureKeys Keys => keys;

    /// <summary>The blobs as they lie there.</summary>
    public IBlobStore Unopened => inner;

    public async ValueTask<PutResult> PutIfAbsentAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancel) => IsErasable(name)
        ? await PutSealedAsync(name, content, null, cancel)
        : await inner.PutIfAbsentAsync(name, content, cancel);

    public async ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel) => IsErasable(name)
        ? await PutSealedAsync(name, content, etag, cancel)
        : await inner.PutIfMatchAsync(name, content, etag, cancel);

    public async ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel)
    {
        if (!IsErasable(name)) return await inner.CreateAsync(name, cancel);
        BlobNames.Check(name);
        return new Collected(this, name);
    }

    public async ValueTask<Blob?> GetAsync(string name, CancellationToken cancel)
    {
        var blob = await inner.GetAsync(name, cancel);
        return blob is null || !IsErasable(name) ? blob : await OpenAsync(name, blob, cancel);
    }

    public async ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel)
    {
        if (!IsErasable(name)) return await inner.ReadAsync(name, offset, buffer, cancel);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var blob = await GetAsync(name, cancel) ?? throw new BlobNotFoundException(name);
        var start = (int)Math.Min(offset, blob.Content.Length);
        var part = blob.Content[start..Math.Min(blob.Content.Length, start + buffer.Length)];
        part.CopyTo(buffer);
        return part.Length;
    }

    public async ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel)
    {
        if (!IsErasable(name)) return await inner.StatAsync(name, cancel);
        return await GetAsync(name, cancel) is { } blob ? new(name, blob.Content.Length, blob.ETag) : null;
    }

    public async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var blob in inner.ListAsync(prefix, after, cancel))
        {
            if (!IsErasable(blob.Name)) yield return blob;
            else if (await StatAsync(blob.Name, cancel) is { } shown) yield return shown;
        }
    }

    public ValueTask DeleteAsync(string name, CancellationToken cancel) => inner.DeleteAsync(name, cancel);

    /// <summary>
    /// Puts the blob's key under this week's erasure key. False: it was, or nothing is there. May be interrupted and
    /// repeated; a writer that comes in between wraps under the newest key anyway.
    /// </summary>
    public Task<bool> RewrapAsync(string name, CancellationToken cancel) =>
        RewrapAsync(name, (parts, to) => parts.Week < to.Week, cancel);

    /// <summary>The same for a blob below one of these keys of the root, whatever its week: they are to be left.</summary>
    public Task<bool> LeaveAsync(string name, IReadOnlySet<Guid> rootKeys, CancellationToken cancel) =>
        RewrapAsync(name, (parts, _) => rootKeys.Contains(RootKeyOf(parts)), cancel);

    /// <summary>Every erasable blob with the id of the root's key that it needs; opens nothing.</summary>
    public async IAsyncEnumerable<(string Name, Guid RootKey)> RootKeysAsync(
        [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var info in inner.ListAsync(Prefix, null, cancel))
        {
            if (await inner.GetAsync(info.Name, cancel) is { } blob)
                yield return (info.Name, RootKeyOf(ErasableBlob.ErasableParts.Of(blob.Content)));
        }
    }

    private static Guid RootKeyOf(ErasableBlob.ErasableParts parts) =>
        KeyBlob.Peek(parts.ErasureKey.Span).WrappingKeyId;

    private async Task<bool> RewrapAsync(
        string name, Func<ErasableBlob.ErasableParts, ErasureKey, bool> isDue, CancellationToken cancel)
    {
        for (var turn = 0; turn < TurnsMax; turn++)
        {
            var blob = await inner.GetAsync(name, cancel);
            if (blob is null) return false;
            var parts = ErasableBlob.ErasableParts.Of(blob.Content);
            if (await keys.FindAsync(parts.Week, parts.ErasureKey, cancel) is not { } from) return false;
            var to = await CurrentAsync(cancel);
            if (!isDue(parts, to)) return false;
            var rewrapped = Guarded(name, () => ErasableBlob.Rewrap(from, to, region, blob.Content, random));
            if ((await inner.PutIfMatchAsync(name, rewrapped, blob.ETag, cancel)).Done) return true;
        }
        throw TooBusy(name);
    }

    /// <summary>The content of a copy from a backup; null when its erasure key is gone.</summary>
    public async Task<Blob?> OpenCopyAsync(string name, ReadOnlyMemory<byte> blob, CancellationToken cancel) =>
        await OpenAsync(name, new(blob, ""), cancel);

    /// <summary>Every erasable blob with the week whose key it needs; opens nothing.</summary>
    public async IAsyncEnumerable<(string Name, ulong Week)> ReferencesAsync(
        [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var info in inner.ListAsync(Prefix, null, cancel))
        {
            if (await inner.GetAsync(info.Name, cancel) is { } blob) yield return (info.Name, WeekOf(blob.Content));
        }
    }

    /// <summary>The week that an erasable blob's bytes name. Throws <see cref="SealException"/>.</summary>
    public static ulong WeekOf(ReadOnlyMemory<byte> blob) => ErasableBlob.ErasableParts.Of(blob).Week;

    public static bool IsErasable(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    private async ValueTask<PutResult> PutSealedAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel)
    {
        BlobNames.Check(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, BlobLimits.SmallBytesMax);
        for (var turn = 0; turn < TurnsMax; turn++)
        {
            var there = await inner.GetAsync(name, cancel);
            var shown = there is null ? null : await OpenAsync(name, there, cancel);
            if (shown?.ETag != etag) return PutResult.Refused;
            var key = await CurrentAsync(cancel);
            var blob = ErasableBlob.Seal(key, name, region, content.Span, random);
            if ((await inner.PutIfMatchAsync(name, blob, there?.ETag, cancel)).Done)
                return new(true, ETagOf(content.Span));
        }
        throw TooBusy(name);
    }

    private async ValueTask<Blob?> OpenAsync(string name, Blob blob, CancellationToken cancel)
    {
        try
        {
            var parts = ErasableBlob.ErasableParts.Of(blob.Content);
            if (await keys.FindAsync(parts.Week, parts.ErasureKey, cancel) is not { } key) return null;
            var content = ErasableBlob.Open(key, name, region, blob.Content);
            return new(content, ETagOf(content));
        }
        catch (SealException damage)
        {
            throw Damaged(name, damage);
        }
        catch (KeyRootException fault)
        {
            throw Away(name, fault);
        }
    }

    private async ValueTask<ErasureKey> CurrentAsync(CancellationToken cancel)
    {
        try
        {
            return await keys.CurrentAsync(cancel);
        }
        catch (KeyRootException fault)
        {
            throw Away("this week's erasure key", fault);
        }
    }

    private static byte[] Guarded(string name, Func<byte[]> work)
    {
        try
        {
            return work();
        }
        catch (SealException damage)
        {
            throw Damaged(name, damage);
        }
    }

    private static string ETagOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static BlobStoreException Damaged(string name, SealException damage) =>
        new($"{name} is not what Control wrote there: {damage.Message}", transient: false, damage);

    private static BlobStoreException Away(string name, KeyRootException fault) =>
        new($"{name}: the key root says: {fault.Message}", fault.IsSilent, fault);

    private static BlobStoreException TooBusy(string name) =>
        new($"{name} is written too often", transient: true);

    /// <summary>A streamed put of a small blob.</summary>
    private sealed class Collected(ErasableStore store, string name) : IBlobWriter
    {
        private readonly MemoryStream _content = new();

        public ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancel)
        {
            _content.Write(content.Span);
            return default;
        }

        public ValueTask<PutResult> CommitAsync(CancellationToken cancel) =>
            store.PutIfAbsentAsync(name, _content.ToArray(), cancel);

        public ValueTask DisposeAsync() => default;
    }
}
