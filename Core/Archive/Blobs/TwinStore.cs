using AMA.Archive.Ids;

namespace AMA.Archive.Blobs;

/// <summary>
/// Two stores that hold the same blobs, for state that must survive the loss of either: the first decides every
/// condition, the second follows, and an answer waits for both. Call <see cref="LevelAsync"/> before the first use.
/// </summary>
/// <remarks>
/// A fault of the second after the first has decided is the put's fault: the blob may be there. Reads then bring the
/// name level before they show it, so that nobody builds on what only one store has. Several processes may share a
/// pair. Names under "twin/" are the pair's own.
/// </remarks>
/// <param name="generationOf">
/// The number that a blob of this content carries and that rises with each write; 0: it carries none. Where the second
/// is ahead by it, somebody has put an old copy into the first, and the second heals that.
/// </param>
/// <param name="isAuthentic">
/// Asked of copies that differ and carry generations. A copy it doesn't know replaces another only when it is ahead by
/// exactly one and the other isn't known either; else <see cref="BlobStoreException"/>, not transient, and both stay.
/// </param>
public sealed class TwinStore(
    IBlobStore first, IBlobStore second, IRandom random, GenerationOf? generationOf = null,
    IsAuthentic? isAuthentic = null) : IBlobStore
{
    private readonly TwinLevel _level = new(first, second, generationOf ?? NoGeneration, isAuthentic);
    private volatile Func<string, bool>? _readOnly;

    /// <summary>
    /// While one of the two can't show these names: they are read from whichever store can, and not written, for nothing
    /// new may be in one store alone. Null: both are there. Who uses what is read must know an older copy by itself.
    /// </summary>
    public Func<string, bool>? ReadOnly { get => _readOnly; set => _readOnly = value; }

    /// <summary>
    /// Brings both stores level. A lost (empty) one is filled from the other, never merged with it. Throws
    /// <see cref="BlobStoreException"/>, not transient: the two don't belong together.
    /// </summary>
    public ValueTask<TwinReport> LevelAsync(CancellationToken cancel) =>
        new TwinStart(first, second, random, _level).LevelAsync(cancel);

    public async ValueTask<PutResult> PutIfAbsentAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        TwinNames.Refuse(name);
        RefuseReadOnly(name);
        var result = await first.PutIfAbsentAsync(name, content, cancel);
        var followed = result.Done && (await second.PutIfAbsentAsync(name, content, cancel)).Done;
        if (!followed) await _level.NameAsync(name, cancel);
        return result;
    }

    public async ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel)
    {
        TwinNames.Refuse(name);
        RefuseReadOnly(name);
        var result = await first.PutIfMatchAsync(name, content, etag, cancel);
        await _level.NameAsync(name, cancel);
        return result;
    }

    public async ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel)
    {
        TwinNames.Refuse(name);
        var leader = await first.CreateAsync(name, cancel);
        try
        {
            return new TwinWriter(leader, await second.CreateAsync(name, cancel), name, _level);
        }
        catch
        {
            await leader.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Reads both. With the second away, the first answers alone; while they differ, nobody is answered.
    /// </summary>
    public async ValueTask<Blob?> GetAsync(string name, CancellationToken cancel)
    {
        if (_readOnly?.Invoke(name) == true) return await ReadAloneAsync(name, cancel);
        var answer = await first.GetAsync(name, cancel);
        if (!await DiffersAsync(name, answer, cancel)) return answer;
        await _level.NameAsync(name, cancel);
        return await first.GetAsync(name, cancel);
    }

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
        first.ReadAsync(name, offset, buffer, cancel);

    public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) => first.StatAsync(name, cancel);

    public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, string? after, CancellationToken cancel) =>
        TwinNames.Hide(first.ListAsync(prefix, after, cancel), cancel);

    /// <summary>
    /// A note in the second store says that the name is to go: without it, its absence is a loss, and mended.
    /// </summary>
    public async ValueTask DeleteAsync(string name, CancellationToken cancel)
    {
        TwinNames.Refuse(name);
        await second.PutIfAbsentAsync(TwinNames.GoneOf(name), ReadOnlyMemory<byte>.Empty, cancel);
        await first.DeleteAsync(name, cancel);
        await second.DeleteAsync(name, cancel);
        await second.DeleteAsync(TwinNames.GoneOf(name), cancel);
    }

    private async ValueTask<Blob?> ReadAloneAsync(string name, CancellationToken cancel)
    {
        try
        {
            return await first.GetAsync(name, cancel);
        }
        catch (BlobStoreException fault) when (fault.Transient)
        {
            return await second.GetAsync(name, cancel);
        }
    }

    private void RefuseReadOnly(string name)
    {
        if (_readOnly?.Invoke(name) == true)
            throw new BlobStoreException($"{name} is not written while one of the two stores can't be", transient: true);
    }

    private static long NoGeneration(ReadOnlySpan<byte> content) => 0;

    private async ValueTask<bool> DiffersAsync(string name, Blob? answer, CancellationToken cancel)
    {
        try
        {
            return !TwinLevel.Same(answer, await second.GetAsync(name, cancel));
        }
        catch (BlobStoreException fault) when (fault.Transient)
        {
            return false;
        }
    }
}

public delegate long GenerationOf(ReadOnlySpan<byte> content);

/// <summary>Whether this content is known, by more than its head, to have been written under the name.</summary>
public delegate ValueTask<bool> IsAuthentic(string name, ReadOnlyMemory<byte> content, CancellationToken cancel);

/// <summary>
/// What levelling did. <paramref name="Restored"/> above 0: the first store lost blobs, or held older copies; look at its
/// disk.
/// </summary>
public readonly record struct TwinReport(long Copied, long Restored)
{
    internal TwinReport Plus(TwinStep step) => new(
        Copied + (step == TwinStep.Copied ? 1 : 0), Restored + (step == TwinStep.Restored ? 1 : 0));
}
