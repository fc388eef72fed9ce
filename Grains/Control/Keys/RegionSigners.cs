using AMA.Archive.Access;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Grains.Control.Keys;

/// <summary>The region's signing key and, while it is being succeeded, the one before. A value.</summary>
/// <param name="Newest">CSK's seed.</param>
/// <param name="MadeAt">When the newest was published.</param>
/// <param name="Past">Public halves of those that sign nothing any more, for what they signed: newest first.</param>
internal sealed record RegionSigners(Secret Newest, DateTimeOffset MadeAt, Secret? Former, byte[][] Past)
{
    /// <summary>What the document says. Throws <see cref="SealException"/>.</summary>
    public static RegionSigners Open(RegionKeysDocument document, WrappingKeys root)
    {
        return new(
            Unwrap(document.SigningKey), document.SigningMadeAt,
            document.FormerSigningKey is { } former ? Unwrap(former) : null, document.PastSigningKeys);

        Secret Unwrap(byte[] blob) =>
            root.Unwrap(KeyType.Signing, KeyContext.Of(KeyType.Signing, document.Region), blob);
    }

    public bool IsOverlap(DateTimeOffset now) => Former is not null && now < MadeAt + SuccessionTimes.Overlap;

    /// <summary>The one that signs now.</summary>
    public Secret Now(DateTimeOffset now) =>
        Former is { } former && now < MadeAt + SuccessionTimes.Announced ? former : Newest;

    /// <summary>Those whose signatures count now, newest first.</summary>
    public IReadOnlyList<Secret> Accepted(DateTimeOffset now) => IsOverlap(now) ? [Newest, Former!] : [Newest];

    /// <summary>As <see cref="SignedDocument"/> takes them: raw public keys, one behind the other.</summary>
    public byte[] AcceptedKeys(DateTimeOffset now) =>
        [.. Accepted(now).SelectMany(SignedDocument.PublicKeyOf)];

    /// <summary>Whether both say the same.</summary>
    public bool Same(RegionSigners other) =>
        MadeAt == other.MadeAt && Former is null == other.Former is null
        && AllKeys().Select(Convert.ToHexString).SequenceEqual(other.AllKeys().Select(Convert.ToHexString));

    public void Zero()
    {
        Newest.Dispose();
        Former?.Dispose();
    }

    /// <summary>Every public key that ever signed, newest first.</summary>
    public IEnumerable<byte[]> AllKeys()
    {
        yield return SignedDocument.PublicKeyOf(Newest);
        if (Former is not null) yield return SignedDocument.PublicKeyOf(Former);
        foreach (var past in Past) yield return past;
    }
}
