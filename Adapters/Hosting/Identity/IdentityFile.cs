using System.Security.Cryptography;
using AMA.Archive.Access;
using AMA.Archive.Blobs;

namespace AMA.Adapters.Hosting.Identity;

/// <summary>
/// A process's papers on its own disk, so that a restart needs no token: "identity.pem" with the private key, its
/// certificate, the region's CAs and Control's signing key, in this order. Mode 0600 in a directory of mode 0700.
/// </summary>
public sealed class IdentityFile(string directory, IDurableFiles files)
{
    private const int FileBytesMax = 64 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string FileName = "identity.pem";

    private readonly string _path = Path.Combine(Path.GetFullPath(directory), FileName);

    public static bool IsIn(string directory) => File.Exists(Path.Combine(directory, FileName));

    /// <summary>Null when there is none. Throws <see cref="CryptographicException"/> when it is no identity.</summary>
    public PeerPapers? Read()
    {
        if (!File.Exists(_path)) return null;
        if (new FileInfo(_path).Length > FileBytesMax) throw NoIdentity("it is too long");
        var pem = File.ReadAllBytes(_path);
        try
        {
            return PeerPapersPem.Read(pem);
        }
        catch (Exception odd) when (odd is CryptographicException or FormatException or ArgumentException)
        {
            throw NoIdentity(odd.Message);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pem);
        }
    }

    /// <summary>Durable when it returns; the file before it stays whole until then.</summary>
    public void Write(PeerPapers papers)
    {
        var directory = Path.GetDirectoryName(_path)!;
        Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        var unfinished = _path + ".new";
        File.Delete(unfinished);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, BufferSize = 0,
        };
        using (var stream = new FileStream(unfinished, options))
        {
            PeerPapersPem.Write(papers, stream);
            files.SyncFile(stream.SafeFileHandle);
        }
        files.Replace(unfinished, _path);
        files.SyncDirectory(directory);
    }

    private CryptographicException NoIdentity(string why) => new(
        $"{_path} is not this process's identity ({why}). Move it away and enrol again with a new token.");
}
