using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace AMA.Archive.Access;

/// <summary>
/// What may be a tenant's name, a user's name, a password, and an address, and how they are compared.
/// </summary>
public static class DirectoryRules
{
    public const int TenantNameCharsMax = 64;
    public const int UserNameCharsMax = 254;
    public const int PasswordCharsMin = 12;
    public const int PasswordCharsMax = 1024;

    /// <summary>RFC 5321 §4.5.3.1: a path of 256 octets with its brackets.</summary>
    public const int AddressCharsMax = 254;

    /// <summary>A tenant's journal addresses.</summary>
    public const int JournalAddressesMax = 256;

    private const int LocalPartCharsMax = 64;
    private const int LabelCharsMax = 63;
    private const string AtomExtras = "!#$%&'*+-/=?^_`{|}~";

    /// <summary>1 to 64 characters of [a-z0-9-].</summary>
    public static bool IsTenantName(string? name) =>
        name is { Length: > 0 and <= TenantNameCharsMax } && name.All(IsLabelCharacter);

    /// <summary>Lower case; letters, digits and ". _ - @ +": a short name or an address.</summary>
    public static bool TryUserName(string? text, [NotNullWhen(true)] out string? name)
    {
        name = text?.Trim().ToLowerInvariant();
        return name is { Length: > 0 and <= UserNameCharsMax }
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || "._-@+".Contains(c));
    }

    public static bool IsPassword(string? password) =>
        password is { Length: >= PasswordCharsMin and <= PasswordCharsMax };

    /// <summary>
    /// An address mail is accepted for: dot-atom and host name (RFC 5321 §4.1.2), ASCII, in lower case. Quoted local
    /// parts and address literals are nobody's journal address.
    /// </summary>
    public static bool TryJournalAddress(string? text, [NotNullWhen(true)] out string? address)
    {
        address = text?.Trim().ToLowerInvariant();
        return address is { Length: <= AddressCharsMax } && TrySplit(address, out var local, out var domain)
            && IsDotAtom(local) && IsHostName(domain);
    }

    /// <summary>
    /// A person's address: compared with what stands in mail, so anything with one '@' and without blanks, controls
    /// or brackets, in lower case and normal form C.
    /// </summary>
    public static bool TryPersonAddress(string? text, [NotNullWhen(true)] out string? address)
    {
        address = null;
        if (text is null || text.Length > AddressCharsMax || !IsWellFormed(text)) return false;
        var normal = text.Trim().Normalize(NormalizationForm.FormC).ToLowerInvariant();
        if (normal.Length > AddressCharsMax) return false;
        if (!TrySplit(normal, out _, out var domain) || !domain.Contains('.')) return false;
        if (normal.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || "<>()[],;:\\\"".Contains(c))) return false;
        address = normal;
        return true;
    }

    private static bool TrySplit(string address, out string local, out string domain)
    {
        var at = address.IndexOf('@');
        (local, domain) = at > 0 ? (address[..at], address[(at + 1)..]) : ("", "");
        return at > 0 && domain.Length > 0 && !domain.Contains('@');
    }

    private static bool IsDotAtom(string local) => local.Length <= LocalPartCharsMax && local.Split('.').All(atom =>
        atom.Length > 0 && atom.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || AtomExtras.Contains(c)));

    private static bool IsHostName(string domain) => domain.Split('.').All(label =>
        label.Length is > 0 and <= LabelCharsMax && label.All(IsLabelCharacter) && label[0] != '-' && label[^1] != '-');

    private static bool IsLabelCharacter(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-';

    /// <summary>Normalisation throws for a lone surrogate.</summary>
    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }
        return true;
    }
}
