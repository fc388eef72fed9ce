namespace AMA.Search.Sealed;

/// <summary>The process's cache of opened chunks of index files, bounded in bytes.</summary>
public sealed class ChunkCache(long bytesMax)
{
    public const long DefaultBytesMax = 64 << 20;

    public long BytesMax { get; } = bytesMax;
}
