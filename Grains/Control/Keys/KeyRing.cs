using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;

namespace AMA.Grains.Control.Keys;

/// <summary>
/// The region's own keys in a control silo's memory, from its start to its end. Opened before the silo answers anybody:
/// <see cref="KeyRingOpening"/>. Safe for several threads: values are replaced whole.
/// </summary>
public sealed class KeyRing : IDisposable
{
    private const int KeyBytes = 32;

    private readonly Secret _state;
    private readonly Secret _authority;

    internal KeyRing(
        Region region, WrappingKey root, WrappingKey store, Secret state, Secret signing, Secret authority,
        RegionKeysDocument document)
    {
        Region = region;
        Root = new(root);
        Store = new(store);
        Signing = signing;
        _state = state;
        _authority = authority;
        SigningKey = SignedDocument.PublicKeyOf(signing);
        AuthorityCertificate = document.AuthorityCertificate;
        OperatorTokenHash = document.OperatorTokenHash;
        Document = document;
        using var own = X509CertificateLoader.LoadCertificate(AuthorityCertificate);
        AuthorityEnd = new DateTimeOffset(own.NotAfter);
    }

    public Region Region { get; }

    /// <summary>CSK's public half.</summary>
    public byte[] SigningKey { get; }

    /// <summary>DER.</summary>
    public byte[] AuthorityCertificate { get; }

    /// <summary>When the CA's own certificate ends.</summary>
    public DateTimeOffset AuthorityEnd { get; }

    /// <summary>RKEK.</summary>
    internal WrappingKeys Root { get; }

    /// <summary>SKEK.</summary>
    internal WrappingKeys Store { get; }

    /// <summary>CSK's seed.</summary>
    internal Secret Signing { get; }

    internal byte[] OperatorTokenHash { get; }

    /// <summary>Opens and seals the region's document.</summary>
    internal Secret State => _state;

    /// <summary>As it stands in both stores; replaced whole by <see cref="RegionKeysStore"/>.</summary>
    internal RegionKeysDocument Document { get; set; }

    /// <summary>See <see cref="RegionKeysDocument.RestoreGeneration"/>.</summary>
    internal uint RestoreGeneration => Document.RestoreGeneration;

    /// <summary>A key of its own for each use of the state key; the caller disposes it.</summary>
    public Secret Derive(string use) => Secret.Make(KeyBytes, (_state, use), static (from, destination) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256, from._state.Span, destination, default, Encoding.ASCII.GetBytes(from.use)));

    /// <summary>The issuing CA for one use; the caller disposes it.</summary>
    internal CertificateAuthority OpenAuthority() => CertificateAuthority.Open(_authority, AuthorityCertificate);

    public void Dispose()
    {
        Root.Dispose();
        Store.Dispose();
        Signing.Dispose();
        _state.Dispose();
        _authority.Dispose();
    }
}
