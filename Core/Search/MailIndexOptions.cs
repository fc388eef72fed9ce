namespace AMA.Search;

/// <summary>How one index works.</summary>
public sealed record MailIndexOptions
{
    /// <summary>Memory for documents not yet flushed. Default: 16 MiB. More: fewer, larger flushes.</summary>
    public double WriteBufferMegabytes { get; init; } = 16;

    /// <summary>
    /// Segments above it are merged no more. Default: 256 MiB. Merging happens on the writer's own thread, so this
    /// bounds how long the writer pauses; smaller means more segments to search.
    /// </summary>
    public double SegmentMegabytesMax { get; init; } = 256;

    /// <summary>How long a search may take, rewriting included. Default: 5 s (threats.md, row 28).</summary>
    public TimeSpan SearchTimeMax { get; init; } = TimeSpan.FromSeconds(5);
}
