using System.Buffers.Binary;
using AMA.Archive.Access;
using AMA.Archive.Blobs;

namespace AMA.Gateway.Smtp.Link;

/// <summary>
/// Control's newest signed papers on the gateway's disk, so that it takes mail after a restart while production and
/// Control are away. Public data: what counts is the signature, checked at every reading.
/// </summary>
/// <param name="directory">Null: nothing is kept.</param>
internal sealed class PapersFile(string? directory, IDurableFiles? files)
{
    private const string FileName = "papers.ama";

    /// <summary>A directory of 100,000 tenants is some tens of MB.</summary>
    private const int FileBytesMax = 160 << 20;

    /// <summary>Length of the first document u32, it, the second to the end.</summary>
    public void Write(byte[] directoryDocument, byte[] queueKeys)
    {
        if (directory is null || files is null) return;
        Directory.CreateDirectory(directory);
        var (path, unfinished) = (Path.Combine(directory, FileName), Path.Combine(directory, FileName + ".new"));
        using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, directoryDocument.Length);
            stream.Write(length);
            stream.Write(directoryDocument);
            stream.Write(queueKeys);
            stream.Flush();
            files.SyncFile(stream.SafeFileHandle);
        }
        files.Replace(unfinished, path);
        files.SyncDirectory(directory);
    }

    /// <summary>Null when there are none that <paramref name="signingKey"/> has signed.</summary>
    public (DirectoryDocument Directory, QueueKeysDocument QueueKeys)? Read(byte[] signingKey)
    {
        if (directory is null) return null;
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path) || new FileInfo(path).Length is < 4 or > FileBytesMax) return null;
        var bytes = File.ReadAllBytes(path);
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (length < 0 || length > bytes.Length - 4) return null;
        var known = DirectoryDocument.TryVerify(bytes[4..(4 + length)], signingKey, out var first)
            & QueueKeysDocument.TryVerify(bytes[(4 + length)..], signingKey, out var second);
        return known ? (first!, second!) : null;
    }
}
