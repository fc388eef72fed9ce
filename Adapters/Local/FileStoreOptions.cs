namespace AMA.Adapters.Local;

/// <summary>How a <see cref="FileBlobStore"/> works its disk.</summary>
public sealed record FileStoreOptions
{
    /// <summary>
    /// Threads that put and delete, so also syncs under way at once: the file system unites them into one commit of its
    /// journal. More help a disk with slow syncs; each costs a stack. Default 4.
    /// </summary>
    public int WriteThreads { get; init; } = 4;

    /// <summary>Threads that read and list: apart, so that a search never waits behind syncs. Default 2.</summary>
    public int ReadThreads { get; init; } = 2;
}
