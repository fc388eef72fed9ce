using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AMA.Archive.Access;

/// <summary>A new key that has no certificate yet.</summary>
public sealed class PeerDraft
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public PublicKey PublicKey => new(_key);

    /// <summary>PKCS#10, DER.</summary>
    public byte[] Request(string name) =>
        new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256).CreateSigningRequest();

    /// <inheritdoc cref="PeerPapers(ECDsa, byte[], IReadOnlyList{byte[]}, byte[])"/>
    public PeerPapers Complete(byte[] certificate, IReadOnlyList<byte[]> authorities, byte[] signingKey) =>
        new(_key, certificate, authorities, signingKey);
}
