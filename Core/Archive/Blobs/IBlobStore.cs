namespace AMA.Archive.Blobs;

/// <summary>
/// Where durable state lives: files on one machine, Azure Blob Storage on several. Every store MUST:
/// <list type="number">
/// <item>have made content and name durable (they survive a power cut) when a put or a commit returns normally;</item>
/// <item>show a blob whole or not at all: a reader never sees a part of a put;</item>
/// <item>decide put-if-absent and put-if-match among all processes that use the store, not only within one;</item>
/// <item>return the same bytes for the same name and ETag for ever; ETags are never reused for other content of a
/// name;</item>
/// <item>list names in ordinal order, each at most once, and every blob whose put returned before the listing
/// began;</item>
/// <item>treat the deletion of a missing blob as done, and have made a deletion durable when it returns;</item>
/// <item>throw <see cref="BlobStoreException"/> for its own faults, saying whether a later try may succeed. After a
/// fault of a put the blob may be there, whole, or not: the caller finds out by reading or by putting again.</item>
/// </list>
/// Names are segments of [a-z0-9._-] joined by '/', at most 200 characters; no segment begins with '.', and no name is
/// the beginning of another's path ("a" beside "a/b"). Normative text: docs/formats/blob-store.md.
/// </summary>
public interface IBlobStore
{
    /// <summary>Stores a blob unless the name is taken. Lengths up to <see cref="BlobLimits.SmallBytesMax"/>.</summary>
    ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel);

    /// <summary>
    /// Replaces the blob whose ETag is <paramref name="etag"/>; <c>null</c>: creates it, as put-if-absent.
    /// </summary>
    ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel);

    /// <summary>Begins a put-if-absent of any length. Nothing is visible before the writer's commit.</summary>
    ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel);

    /// <summary>
    /// The whole blob, or null when it isn't there. For blobs up to <see cref="BlobLimits.SmallBytesMax"/>.
    /// </summary>
    ValueTask<Blob?> GetAsync(string name, CancellationToken cancel);

    /// <summary>
    /// Reads from <paramref name="offset"/> until the buffer is full or the blob ends; the count of bytes read.
    /// Throws <see cref="BlobNotFoundException"/>.
    /// </summary>
    ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel);

    /// <summary>Length (and ETag where it costs no read), or null when the blob isn't there.</summary>
    ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel);

    /// <summary>
    /// Blobs whose name begins with <paramref name="prefix"/> and comes after <paramref name="after"/>, in order.
    /// </summary>
    IAsyncEnumerable<BlobInfo> ListAsync(string prefix, string? after, CancellationToken cancel);

    ValueTask DeleteAsync(string name, CancellationToken cancel);
}

/// <summary>A put-if-absent in progress. Disposed without a commit it leaves nothing.</summary>
public interface IBlobWriter : IAsyncDisposable
{
    ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancel);
    ValueTask<PutResult> CommitAsync(CancellationToken cancel);
}

/// <summary>
/// <paramref name="Done"/>: written, now with <paramref name="ETag"/> (null after a put-if-absent into a store that would
/// have to compute it: who wants to replace a blob puts it if-match). Otherwise the condition did not hold; what holds
/// the name is durable.
/// </summary>
public readonly record struct PutResult(bool Done, string? ETag)
{
    public static PutResult Refused => new(false, null);
}

public sealed record Blob(ReadOnlyMemory<byte> Content, string ETag);

/// <param name="ETag">Null where the store would have to read the blob to know it; <see cref="Blob.ETag"/> is always
/// there.</param>
public readonly record struct BlobInfo(string Name, long Length, string? ETag);

public static class BlobLimits
{
    public const int SmallBytesMax = 64 << 20;
    public const int NameCharsMax = 200;
}

/// <summary>A fault of the store. <see cref="Transient"/>: a later try may succeed (full, slow, away).</summary>
public class BlobStoreException(string message, bool transient, Exception? inner = null) : IOException(message, inner)
{
    public bool Transient { get; } = transient;
}

public sealed class BlobNotFoundException(string name) : BlobStoreException($"no blob named {name}", transient: false)
{
    public string Name { get; } = name;
}
