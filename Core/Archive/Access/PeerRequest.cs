using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AMA.Archive.Access;

/// <summary>
/// A PKCS#10 request for a certificate: shows that whoever asks has the private key. What it says about names is not
/// looked at: the token, or the certificate before, decides those.
/// </summary>
public static class PeerRequest
{
    public const int DerBytesMax = 4096;

    private static ReadOnlySpan<byte> RenewalLabel => "ama/renewal@v1\0"u8;

    /// <summary>True for a request signed by the ECDSA P-256 key that it is for.</summary>
    public static bool TryRead(ReadOnlySpan<byte> request, [NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        if (request.Length is 0 or > DerBytesMax) return false;
        try
        {
            var read = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256, out var used);
            return used == request.Length
                && CertificateAuthority.TryReadPublicKey(read.PublicKey.ExportSubjectPublicKeyInfo(), out key);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>With the key of the certificate that is to be renewed. r‖s, 64 bytes.</summary>
    public static byte[] SignRenewal(PeerPapers papers, byte[] request)
    {
        lock (papers.Turn)
            return papers.Key.SignData(
                [.. RenewalLabel, .. request], HashAlgorithmName.SHA256,
                DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    public static bool IsRenewalOf(TrustedPeer peer, ReadOnlySpan<byte> request, ReadOnlySpan<byte> signature) =>
        peer.Signed([.. RenewalLabel, .. request], signature);
}
