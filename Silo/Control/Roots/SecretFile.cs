using System.Security.Cryptography;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;

namespace AMA.Silo.Control.Roots;

/// <summary>Passphrases, PINs and credentials, from files straight into <see cref="Secret"/>s.</summary>
internal static class SecretFile
{
    /// <summary>The first line, without its end; never empty. The caller disposes it.</summary>
    public static Secret ReadLine(IPrivateFiles files, string path) => Read(files, path, static bytes =>
    {
        var end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
        return end < 0 ? bytes.Length : end;
    }, 1);

    /// <summary>All bytes, at least <paramref name="bytesMin"/>. The caller disposes it.</summary>
    public static Secret ReadAll(IPrivateFiles files, string path, int bytesMin) =>
        Read(files, path, static bytes => bytes.Length, bytesMin);

    private delegate int Measure(ReadOnlySpan<byte> bytes);

    private static Secret Read(IPrivateFiles files, string path, Measure length, int bytesMin)
    {
        var bytes = Bytes(files, path);
        try
        {
            var used = length(bytes);
            if (used < bytesMin) throw Unusable(path, $"holds {used} bytes, and at least {bytesMin} are needed.");
            return Secret.Copy(bytes.AsSpan(0, used));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static byte[] Bytes(IPrivateFiles files, string path)
    {
        try
        {
            return files.Read(path) ?? throw Unusable(path, "is not there.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, $"can't be read: {e.Message}");
        }
    }

    private static KeyRootException Unusable(string path, string why) =>
        new(KeyRootFault.Misconfigured, $"The secret file {path} {why}");
}
