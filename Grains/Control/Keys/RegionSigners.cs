using AMA.Archive.Access;
using AMA.Archive.Keys;

namespace AMA.Grains.Control.Keys;

/// <summary>The region's signing key and, while it is being succeeded, the one before. A value.</summary>
/// <param name="Newest">CSK's seed.</param>
/// <param name="MadeAt">When the newest was published.</param>
/// <param name="Past">Public halves of those that sign nothing any more, for what they signed: newest first.</param>
internal sealed record RegionSigners(Secret Newest, DateTimeOffset MadeAt, Secret? Former, byte[][] Past)
{
    public bool IsOverlap(DateTimeOffset now) => Former is not null && now < MadeAt + SuccessionTimes.Overlap;

    /// <summary>The one that signs now.</summary>
    public Secret Now(DateTimeOffset now) =>
        Former is { } former && now < MadeAt + SuccessionTimes.Announced ? former : Newest;

    /// <summary>Those whose signatures count now, newest first.</summary>
    public IReadOnlyList<Secret> Accepted(DateTimeOffset now) => IsOverlap(now) ? [Newest, Former!] : [Newest];

    /// <summary>As <see cref="SignedDocument"/> takes them: raw public keys, one behind the other.</summary>
    public byte[] AcceptedKeys(DateTimeOffset now) =>
        [.. Accepted(now).SelectMany(SignedDocument.PublicKeyOf)];

    /// <summary>Every public key that ever signed, newest first.</summary>
    public IEnumerable<byte[]> AllKeys()
    {
        yield return SignedDocument.PublicKeyOf(Newest);
        if (Former is not null) yield return SignedDocument.PublicKeyOf(Former);
        foreach (var past in Past) yield return past;
    }
}
