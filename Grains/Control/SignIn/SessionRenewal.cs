using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>What somebody shows to renew a session: "{tenant}.{session}.{family}.{secret}".</summary>
/// <param name="Family">The same for the session's life: whoever knows it held one of its secrets once.</param>
/// <param name="Secret">Another at each renewal.</param>
public sealed record RenewalText(string TenantName, Guid Session, string Family, string Secret)
{
    private const int CharsMax = 256;
    private const int Parts = 4;

    public static RenewalText? TryParse(string? text)
    {
        if (text is not { Length: <= CharsMax }) return null;
        var parts = text.Split('.');
        return parts.Length == Parts && Guid.TryParseExact(parts[1], "N", out var session)
            ? new(parts[0], session, parts[2], parts[3])
            : null;
    }

    public string Text => $"{TenantName}.{Session:N}.{Family}.{Secret}";

    public override string ToString() => "[renewal secret]";
}

/// <summary>What a shown renewal secret is worth.</summary>
public enum RenewalUse
{
    /// <summary>Not one of this session.</summary>
    Foreign,
    /// <summary>The newest: it is used up, and the next one takes its place.</summary>
    Newest,
    /// <summary>The one before, a moment ago: the answer was lost on its way, and is given once more.</summary>
    Again,
    /// <summary>One that was used up long ago: two hold it, and one of them is not the person.</summary>
    Reused,
}

/// <summary>
/// How a session's renewal secret changes at each use, so that a stolen one and its owner's can't both go on unseen.
/// Secrets are known by their hashes only. A value.
/// </summary>
/// <param name="FamilyHash">SHA-256 of the family's text.</param>
/// <param name="NewestHash">SHA-256 of the newest secret's text.</param>
/// <param name="FormerHash">Of the one before; empty before the first renewal.</param>
/// <param name="Salt">What the newest was made with from the one before; empty before the first renewal.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.session-renewal")]
public sealed record SessionRenewal(
    [property: Id(0)] byte[] FamilyHash, [property: Id(1)] byte[] NewestHash, [property: Id(2)] byte[] FormerHash,
    [property: Id(3)] byte[] Salt, [property: Id(4)] DateTimeOffset At)
{
    /// <summary>So long a lost answer is given once more: longer than any client waits before it asks again.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private static readonly byte[] Label = "ama/session-renewal@v1\0"u8.ToArray();

    public static SessionRenewal First(RenewalText text, DateTimeOffset now) =>
        new(HashOf(text.Family), HashOf(text.Secret), [], [], now);

    public RenewalUse UseOf(RenewalText shown, DateTimeOffset now)
    {
        if (!Fits(FamilyHash, shown.Family)) return RenewalUse.Foreign;
        if (Fits(NewestHash, shown.Secret)) return RenewalUse.Newest;
        return Fits(FormerHash, shown.Secret) && now - At < Grace ? RenewalUse.Again : RenewalUse.Reused;
    }

    /// <summary>After <paramref name="shown"/>, the newest, was used.</summary>
    public SessionRenewal After(RenewalText shown, byte[] salt, DateTimeOffset now) =>
        new(FamilyHash, HashOf(Next(shown, salt)), NewestHash, salt, now);

    /// <summary>
    /// The secret after <paramref name="shown"/>, newest or former. Made of it and of a salt that is kept: the same once
    /// more for whoever lost the answer, and of no use to who knows only the one or the other.
    /// </summary>
    public RenewalText Successor(RenewalText shown) => shown with { Secret = Next(shown, Salt) };

    private static string Next(RenewalText shown, byte[] salt) => Base64Url.EncodeToString(
        SHA256.HashData([.. Label, .. salt, .. Encoding.UTF8.GetBytes(shown.Secret)]));

    private static bool Fits(byte[] hash, string text) =>
        hash.Length > 0 && CryptographicOperations.FixedTimeEquals(hash, HashOf(text));

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

/// <summary>What came of a renewal.</summary>
/// <param name="Renewal">The next secret's text; null unless <paramref name="Use"/> is Newest or Again.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.renewed")]
public readonly record struct RenewedSecret([property: Id(0)] RenewalUse Use, [property: Id(1)] string? Renewal)
{
    public override string ToString() => $"{Use}";
}
