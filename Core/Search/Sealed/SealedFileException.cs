namespace AMA.Search.Sealed;

/// <summary>What is wrong with an index file (docs/formats/AMIX.md names the same faults).</summary>
public enum SealedFileFault
{
    /// <summary>Not an AMIX file.</summary>
    Format,

    /// <summary>A version, suite or chunk size that is not known.</summary>
    Reserved,

    /// <summary>The length cannot be that of a whole file, or bytes are missing.</summary>
    Truncated,

    /// <summary>Another key, index, or file name, or a changed header.</summary>
    Commitment,

    /// <summary>A chunk was changed, moved or cut.</summary>
    Authentication,
}

/// <summary>
/// An index file is not what was written. Deliberately no IOException: Lucene takes those for a file that is not
/// there yet and looks for an older commit.
/// </summary>
public sealed class SealedFileException(SealedFileFault fault, string file, Exception? inner = null)
    : Exception($"index file {file}: {fault}", inner)
{
    public SealedFileFault Fault { get; } = fault;
    public string File { get; } = file;
}
