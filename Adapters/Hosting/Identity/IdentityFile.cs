using System.Security.Cryptography;
using AMA.Archive.Access;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;

namespace AMA.Adapters.Hosting.Identity;

/// <summary>
/// A process's papers on its own disk, so that a restart needs no token: "identity.pem" with the private key, its
/// certificate, the region's CAs and Control's signing key, in this order. Beside it "trust.ama", what Control last said
/// of whom to believe. Mode 0600 in a directory of mode 0700.
/// </summary>
public sealed class IdentityFile(string directory, IDurableFiles files)
{
    private const int FileBytesMax = 64 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string FileName = "identity.pem";
    private const string TrustName = "trust.ama";
    private const int TrustBytesMax = 1 << 20;

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
    public void Write(PeerPapers papers) => Replace(_path, stream => PeerPapersPem.Write(papers, stream));

    /// <summary>
    /// Who is believed and who is shut out, as one of these keys signed it; null: there is none, or it isn't that.
    /// </summary>
    public KnownTrust? ReadTrust(byte[] signingKeys, Region region)
    {
        var path = TrustPath;
        if (!File.Exists(path) || new FileInfo(path).Length > TrustBytesMax) return null;
        return KnownTrust.TryRead(File.ReadAllBytes(path), signingKeys, region, out var trust) ? trust : null;
    }

    /// <summary>As <see cref="Write"/>.</summary>
    public void WriteTrust(KnownTrust trust) => Replace(TrustPath, stream => stream.Write(trust.Signed));

    private string TrustPath => Path.Combine(Path.GetDirectoryName(_path)!, TrustName);

    private void Replace(string path, Action<Stream> write)
    {
        var directory = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        var unfinished = path + ".new";
        File.Delete(unfinished);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, BufferSize = 0,
        };
        using (var stream = new FileStream(unfinished, options))
        {
            write(stream);
            files.SyncFile(stream.SafeFileHandle);
        }
        files.Replace(unfinished, path);
        files.SyncDirectory(directory);
    }

    private CryptographicException NoIdentity(string why) => new(
        $"{_path} is not this process's identity ({why}). Move it away and enrol again with a new token.");
}
