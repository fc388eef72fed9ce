using System.Diagnostics.CodeAnalysis;
using AMA.Archive.Ids;
using AMA.Archive.Keys;

namespace AMA.Archive.Access;

/// <summary>
/// The public halves of a region's queue keys, oldest first: of those that are valid, a gateway seals to the newest.
/// </summary>
public sealed record QueueKeysDocument(Region Region, DateTimeOffset IssuedAt, QueueKeyEntry[] Keys)
{
    public const string Label = "ama/queue-keys@v1";

    public byte[] Sign(Secret seed) =>
        SignedDocument.Sign(seed, Label, StrictJson.Write(this, AccessJson.Default.QueueKeysDocument));

    public static bool TryVerify(
        ReadOnlyMemory<byte> signed, ReadOnlySpan<byte> signingKey, [NotNullWhen(true)] out QueueKeysDocument? document)
    {
        document = null;
        return SignedDocument.TryVerify(signingKey, Label, signed, out var body)
            && StrictJson.TryRead(body.Span, AccessJson.Default.QueueKeysDocument, out document);
    }
}

/// <param name="KeyId">The week the key was made for, counted from Monday, 1970-01-05: see
/// <see cref="QueueWeek"/>.</param>
/// <param name="PublicKey">X25519, 32 bytes.</param>
/// <param name="NotAfter">Nothing is sealed to the key from then on. It opens segments for longer.</param>
public sealed record QueueKeyEntry(ulong KeyId, byte[] PublicKey, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <summary>Weeks of queue keys, UTC, beginning on Mondays.</summary>
public static class QueueWeek
{
    private static readonly DateTimeOffset FirstMonday = new(1970, 1, 5, 0, 0, 0, TimeSpan.Zero);

    public static ulong Of(DateTimeOffset time) => (ulong)((time - FirstMonday).Days / 7);

    public static DateTimeOffset Begin(ulong week) => FirstMonday.AddDays(7 * (double)week);
}
