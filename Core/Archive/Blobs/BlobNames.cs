using System.Buffers;

namespace AMA.Archive.Blobs;

/// <summary>
/// What may be a blob's name (<see cref="IBlobStore"/>). Every store checks before it touches anything: a name is
/// also a path, so this is the wall against "..", absolute paths and hidden files.
/// </summary>
public static class BlobNames
{
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-/");

    /// <summary>Throws <see cref="ArgumentException"/> for a name that no store may take.</summary>
    public static void Check(string name)
    {
        if (name.Length == 0 || name.EndsWith('/')) throw Refused(name);
        CheckPrefix(name);
    }

    /// <summary>The same for the beginning of names: may be empty, or end with '/' or within a segment.</summary>
    public static void CheckPrefix(string prefix)
    {
        if (prefix.Length > BlobLimits.NameCharsMax || prefix.AsSpan().ContainsAnyExcept(Characters))
            throw Refused(prefix);
        if (prefix.StartsWith('.') || prefix.StartsWith('/') || prefix.Contains("/.", StringComparison.Ordinal)
            || prefix.Contains("//", StringComparison.Ordinal))
            throw Refused(prefix);
    }

    private static ArgumentException Refused(string name) => new($"\"{name}\" can't be a blob's name");
}
