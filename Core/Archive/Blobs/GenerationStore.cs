using System.Runtime.CompilerServices;

namespace AMA.Archive.Blobs;

/// <summary>
/// Shows blobs without the head that says which write of theirs they are; below it lies "AMG1" ‖ version ‖ generation ‖
/// content, so that a pair heals towards the newer copy and the audit log can tell an older one. A deletion leaves the
/// head alone: the count goes on when the name is used again.
/// </summary>
/// <remarks>
/// The head is not sealed. Whoever forges one can pass an old content for a new one; see docs/formats/control-state.md
/// for what that gains.
/// </remarks>
/// <param name="isCounted">Which names have a head; the others pass as they are.</param>
/// <param name="written">Told the name of whatever was put.</param>
public sealed class GenerationStore(IBlobStore inner, Func<string, bool> isCounted, Action<string> written) : IBlobStore
{
    /// <summary>Each turn that doesn't end it means that another writer moved the name on.</summary>
    private const int TurnsMax = 100;

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        PutIfMatchAsync(name, content, null, cancel);

    public async ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel)
    {
        var put = isCounted(name)
            ? await PutAsync(name, content, etag, cancel)
            : await inner.PutIfMatchAsync(name, content, etag, cancel);
        if (put.Done) written(name);
        return put;
    }

    public ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel) => isCounted(name)
        ? throw new NotSupportedException($"{name} is small, and put whole")
        : inner.CreateAsync(name, cancel);

    public async ValueTask<Blob?> GetAsync(string name, CancellationToken cancel)
    {
        var blob = await inner.GetAsync(name, cancel);
        if (blob is null || !isCounted(name)) return blob;
        GenerationOf(name, blob);
        return IsGone(blob) ? null : blob with { Content = blob.Content[StateVersion.HeadBytes..] };
    }

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
        inner.ReadAsync(name, isCounted(name) ? offset + StateVersion.HeadBytes : offset, buffer, cancel);

    public async ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) =>
        await inner.StatAsync(name, cancel) is { } info ? Shown(info) : null;

    public async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var info in inner.ListAsync(prefix, after, cancel))
            if (Shown(info) is { } shown) yield return shown;
    }

    public async ValueTask DeleteAsync(string name, CancellationToken cancel)
    {
        if (!isCounted(name))
        {
            await inner.DeleteAsync(name, cancel);
            return;
        }
        for (var turn = 0; turn < TurnsMax; turn++)
        {
            var there = await inner.GetAsync(name, cancel);
            if (there is null || IsGone(there)) return;
            var head = StateVersion.Head(GenerationOf(name, there) + 1);
            if ((await inner.PutIfMatchAsync(name, head, there.ETag, cancel)).Done) return;
        }
        throw new BlobStoreException($"{name} is written too often", transient: true);
    }

    private async ValueTask<PutResult> PutAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel)
    {
        BlobNames.Check(name);
        var there = await inner.GetAsync(name, cancel);
        var shown = there is null || IsGone(there) ? null : there.ETag;
        if (shown != etag) return PutResult.Refused;
        var generation = there is null ? 0 : GenerationOf(name, there);
        byte[] blob = [.. StateVersion.Head(generation + 1), .. content.Span];
        return await inner.PutIfMatchAsync(name, blob, there?.ETag, cancel);
    }

    private BlobInfo? Shown(BlobInfo info)
    {
        if (!isCounted(info.Name)) return info;
        return info.Length <= StateVersion.HeadBytes ? null : info with { Length = info.Length - StateVersion.HeadBytes };
    }

    private static bool IsGone(Blob blob) => blob.Content.Length == StateVersion.HeadBytes;

    private static long GenerationOf(string name, Blob blob) => StateVersion.GenerationOf(blob.Content.Span) is > 0 and var found
        ? found
        : throw new BlobStoreException($"{name} is not what Control wrote there: it has no generation", transient: false);
}
