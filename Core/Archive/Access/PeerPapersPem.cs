using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace AMA.Archive.Access;

/// <summary>
/// Papers as PEM (docs/formats/signed-documents.md, "Identity file"): private key, certificate, CAs, Control's signing
/// key, in this order.
/// </summary>
public static class PeerPapersPem
{
    private const string KeyLabel = "PRIVATE KEY";
    private const string CertificateLabel = "CERTIFICATE";
    private const string SigningLabel = "AMA SIGNING KEY";

    public static void Write(PeerPapers papers, Stream stream)
    {
        byte[] key;
        lock (papers.Turn) key = papers.Key.ExportPkcs8PrivateKey();
        WritePart(stream, KeyLabel, key);
        CryptographicOperations.ZeroMemory(key);
        WritePart(stream, CertificateLabel, papers.Certificate);
        foreach (var authority in papers.Authorities) WritePart(stream, CertificateLabel, authority);
        WritePart(stream, SigningLabel, papers.SigningKey);
    }

    /// <exception cref="CryptographicException">A part is missing, or the parts don't belong together.</exception>
    public static PeerPapers Read(ReadOnlySpan<byte> pem)
    {
        ECDsa? key = null;
        byte[]? signing = null;
        var certificates = new List<byte[]>();
        for (var rest = pem; PemEncoding.TryFindUtf8(rest, out var fields); rest = rest[fields.Location.End..])
        {
            var bytes = new byte[fields.DecodedDataLength];
            Base64.DecodeFromUtf8(rest[fields.Base64Data], bytes, out _, out _);
            switch (Encoding.ASCII.GetString(rest[fields.Label]))
            {
                case KeyLabel: key = Import(bytes); break;
                case CertificateLabel: certificates.Add(bytes); break;
                case SigningLabel: signing = bytes; break;
            }
        }
        if (key is null || signing is null || certificates.Count < 2)
            throw new CryptographicException("a part of it is missing");
        return new(key, certificates[0], certificates[1..], signing);
    }

    private static ECDsa Import(byte[] pkcs8)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        CryptographicOperations.ZeroMemory(pkcs8);
        return key;
    }

    private static void WritePart(Stream stream, string label, byte[] bytes)
    {
        var pem = PemEncoding.WriteUtf8(Encoding.ASCII.GetBytes(label), bytes);
        stream.Write(pem);
        stream.WriteByte((byte)'\n');
        CryptographicOperations.ZeroMemory(pem);
    }
}
