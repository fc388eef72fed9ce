using System.Security.Cryptography;
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
    private readonly TimeProvider _time;
    private readonly List<Secret> _retired = [];
    private volatile RegionSigners _signers;
    private volatile RegionIssuers _issuers;

    internal KeyRing(
        WrappingKey root, WrappingKey store, Secret state, (RegionSigners Signers, RegionIssuers Issuers) own,
        RegionKeysDocument document, TimeProvider time)
    {
        Region = document.Region;
        Root = new(root);
        Store = new(store);
        (_state, _time) = (state, time);
        (_signers, _issuers) = own;
        OperatorTokenHash = document.OperatorTokenHash;
        Document = document;
    }

    public Region Region { get; }

    /// <summary>
    /// Public halves of the signing keys whose signatures count now, as <see cref="SignedDocument"/> takes them: CSK, and
    /// while it is being succeeded the one before.
    /// </summary>
    public byte[] SigningKey => _signers.AcceptedKeys(_time.GetUtcNow());

    /// <summary>Every public key that ever signed for the region, newest first: for records, which last.</summary>
    public IEnumerable<byte[]> AllSigningKeys => _signers.AllKeys();

    /// <summary>DER, newest first: whose certificates are believed now.</summary>
    public IReadOnlyList<byte[]> Authorities => _issuers.Accepted(_time.GetUtcNow());

    /// <summary>DER, newest first: CAs that were succeeded; see <see cref="PeerTrust.Past"/>.</summary>
    public IReadOnlyList<byte[]> PastAuthorities => _issuers.PastAt(_time.GetUtcNow());

    /// <summary>DER: the CA that issues what Control itself shows.</summary>
    public byte[] OwnAuthority => _issuers.Own(_time.GetUtcNow()).Certificate;

    /// <summary>When the newest CA's own certificate ends.</summary>
    public DateTimeOffset AuthorityEnd => _issuers.Newest.End();

    /// <summary>RKEK.</summary>
    internal WrappingKeys Root { get; }

    /// <summary>SKEK.</summary>
    internal WrappingKeys Store { get; }

    /// <summary>The seed that signs now.</summary>
    internal Secret Signing => _signers.Now(_time.GetUtcNow());

    internal RegionSigners Signers => _signers;

    internal RegionIssuers Issuers => _issuers;

    /// <summary>SHA-256 of the operator token's text; replaced whole.</summary>
    public byte[] OperatorTokenHash { get; internal set; }

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

    /// <summary>The CA that issues certificates of others, for one use; the caller disposes it.</summary>
    internal CertificateAuthority OpenAuthority() => _issuers.Now(_time.GetUtcNow()).Open();

    /// <summary>The CA that issues what Control itself shows, for one use; the caller disposes it.</summary>
    internal CertificateAuthority OpenOwnAuthority() => _issuers.Own(_time.GetUtcNow()).Open();

    /// <summary>
    /// From now on these. What they leave out is zeroed with the ring only: a call may be signing at this moment.
    /// </summary>
    internal void Succeed(RegionSigners signers, RegionIssuers issuers)
    {
        Secret?[] before = [_signers.Newest, _signers.Former, _issuers.Newest.Key, _issuers.Former?.Key];
        Secret?[] after = [signers.Newest, signers.Former, issuers.Newest.Key, issuers.Former?.Key];
        _retired.AddRange(before.OfType<Secret>().Except(after.OfType<Secret>()));
        (_signers, _issuers) = (signers, issuers);
    }

    public void Dispose()
    {
        Root.Dispose();
        Store.Dispose();
        _state.Dispose();
        _signers.Newest.Dispose();
        _signers.Former?.Dispose();
        _issuers.Newest.Key.Dispose();
        _issuers.Former?.Key.Dispose();
        foreach (var key in _retired) key.Dispose();
    }
}
