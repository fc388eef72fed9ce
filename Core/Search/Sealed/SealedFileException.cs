using AMA.Archive.Sealing;

namespace AMA.Search.Sealed;

/// <summary>
/// An index file is not what was written (docs/formats/AMIX.md): rebuild the index from the log. Deliberately no
/// IOException: Lucene takes those for a file that is not there yet and looks for an older commit.
/// </summary>
public sealed class SealedFileException(SealFault fault, string file, string what, Exception? inner = null)
    : SealException(fault, $"index file {file}: {what}", inner)
{
    public string File { get; } = file;
}
