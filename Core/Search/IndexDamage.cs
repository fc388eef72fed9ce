using AMA.Search.Sealed;
using Lucene.Net.Index;

namespace AMA.Search;

/// <summary>Tells damage of an index from faults of the moment (no space, no handle), after which it is still whole.</summary>
public static class IndexDamage
{
    /// <summary>A file is missing, was changed, or isn't what its index says: it never opens again as it lies.</summary>
    public static bool Is(Exception fault) =>
        fault is SealedFileException or CorruptIndexException or FileNotFoundException;
}
