using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Grains.Control.Keys;

namespace AMA.Silo.Control;

/// <summary>
/// The software key root: "root.key", 32 random bytes, in the directory of each of Control's stores. Whoever has one of
/// them and its store has every key of the region; hardware roots take its place where that is too little.
/// </summary>
internal sealed class KeyRootFiles(PrivateFiles files, IRandom random)
{
    private const string FileName = "root.key";
    private const int KeyBytes = 32;

    /// <summary>The directory's root, made if it is missing; the caller disposes of its key.</summary>
    /// <param name="name">"a" or "b".</param>
    public KeyRoot Open(string name, string directory)
    {
        var path = Path.Combine(directory, FileName);
        files.MakeDirectory(directory);
        if (files.Read(path) is null)
        {
            using var made = Secret.Random(random, KeyBytes);
            files.TryCreate(path, made.Span);
        }
        var bytes = files.Read(path);
        if (bytes is not { Length: KeyBytes })
            throw new KeyRootException(
                KeyRootFault.Misconfigured, $"{path} is not a key root of {KeyBytes} bytes; put the right file back.");
        var key = Secret.Copy(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return new(name, KeyRingOpening.IdOf(key), key);
    }
}
