namespace AMA.Archive.Keys.Roots;

/// <summary>
/// Small files that only their owner may read, whole and durable before anybody builds on them. A fault is an
/// <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
public interface IPrivateFiles
{
    /// <summary>Makes the directory and those above it.</summary>
    void MakeDirectory(string path);

    /// <summary>The file's bytes, or null when there is none. The caller zeroes what is secret in them.</summary>
    byte[]? Read(string path);

    /// <summary>Creates the file; false: it is there already, and stays as it is. Durable either way.</summary>
    bool TryCreate(string path, ReadOnlySpan<byte> content);

    /// <summary>Removes the file, if there is one. Durable when it returns.</summary>
    void Delete(string path);

    /// <summary>Names (without the directory) of the files in a directory; none when there is no directory.</summary>
    IReadOnlyList<string> List(string directory);
}
