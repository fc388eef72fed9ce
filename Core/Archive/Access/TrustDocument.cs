using System.Diagnostics.CodeAnalysis;
using AMA.Archive.Ids;
using AMA.Archive.Keys;

namespace AMA.Archive.Access;

/// <summary>
/// Whom the region's processes believe: its CAs, Control's signing keys, and who is shut out. While a signing key is
/// succeeded, Control signs it with both, so that whoever knows the older one learns the newer one from it.
/// </summary>
/// <param name="Authorities">DER, newest first.</param>
/// <param name="SigningKeys">Raw Ed25519, one behind the other, newest first: as <see cref="SignedDocument"/>.</param>
/// <param name="PastAuthorities">DER, newest first: see <see cref="PeerTrust.Past"/>.</param>
public sealed record TrustDocument(
    Region Region, DateTimeOffset IssuedAt, byte[][] Authorities, byte[] SigningKeys, byte[][] PastAuthorities,
    RevokedPeer[] Revoked)
{
    public const string Label = "ama/trust@v1";

    public byte[] Sign(Secret seed) =>
        SignedDocument.Sign(seed, Label, StrictJson.Write(this, AccessJson.Default.TrustDocument));

    public static bool TryVerify(
        ReadOnlyMemory<byte> signed, ReadOnlySpan<byte> signingKeys, [NotNullWhen(true)] out TrustDocument? document)
    {
        document = null;
        return SignedDocument.TryVerify(signingKeys, Label, signed, out var body)
            && StrictJson.TryRead(body.Span, AccessJson.Default.TrustDocument, out document);
    }

    /// <summary>Says the same, whenever it was issued.</summary>
    public bool IsAs(TrustDocument other) => HasKeys(other.Authorities, other.SigningKeys)
        && AreSame(PastAuthorities, other.PastAuthorities) && Region == other.Region && Revoked.SequenceEqual(other.Revoked);

    public bool HasKeys(IEnumerable<byte[]> authorities, byte[] signingKeys) =>
        SigningKeys.AsSpan().SequenceEqual(signingKeys) && AreSame(Authorities, authorities);

    private static bool AreSame(IEnumerable<byte[]> one, IEnumerable<byte[]> other) =>
        one.Select(Convert.ToHexString).SequenceEqual(other.Select(Convert.ToHexString));
}
