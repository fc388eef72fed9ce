using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace AMA.Archive.Access;

/// <summary>What may be a source, and how it is compared.</summary>
public static class SourceRules
{
    /// <summary>A tenant's sources of all kinds.</summary>
    public const int SourcesMax = 64;

    /// <summary>A tenant's domains whose every address is its own.</summary>
    public const int DomainsMax = 64;

    /// <summary>The shortest interval at which a source may be expected: mail servers gather and pause.</summary>
    public const int ExpectedSecondsMin = 300;

    /// <summary>The longest; 31 days.</summary>
    public const int ExpectedSecondsMax = 31 * 24 * 3_600;

    private const int FingerprintDigits = 64;

    /// <summary>Larger networks are somebody else's as well.</summary>
    private const int PrefixMinIpv4 = 8;

    private const int PrefixMinIpv6 = 19;

    /// <summary>
    /// "192.0.2.0/24", "2001:db8::/32" or a single address, in normal form. IPv4 inside IPv6 becomes IPv4; bits behind
    /// the prefix are refused, because one of the two numbers must then be a mistake.
    /// </summary>
    public static bool TryNetwork(string? text, [NotNullWhen(true)] out string? network)
    {
        network = null;
        var trimmed = text?.Trim() ?? "";
        if (IPAddress.TryParse(trimmed, out var single))
        {
            var address = single.IsIPv4MappedToIPv6 ? single.MapToIPv4() : single;
            if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0) return false;
            network = $"{address}/{(address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}";
            return true;
        }
        if (!IPNetwork.TryParse(trimmed, out var parsed) || parsed.BaseAddress.IsIPv4MappedToIPv6) return false;
        // The parser clears bits behind the prefix without a word.
        var given = IPAddress.Parse(trimmed[..trimmed.IndexOf('/')]);
        if (!given.Equals(parsed.BaseAddress)) return false;
        var min = parsed.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? PrefixMinIpv4 : PrefixMinIpv6;
        if (parsed.PrefixLength < min) return false;
        network = parsed.ToString();
        return true;
    }

    /// <summary>A SHA-256 in hex, however it is written: colons and blanks between digits, upper or lower case.</summary>
    public static bool TryFingerprint(string? text, [NotNullWhen(true)] out string? fingerprint)
    {
        var digits = (text ?? "").Where(c => c is not (':' or ' ' or '\t')).ToArray();
        fingerprint = new string(digits).ToLowerInvariant();
        return fingerprint.Length == FingerprintDigits && fingerprint.All(char.IsAsciiHexDigitLower);
    }

    /// <summary>A host name of two labels or more, in lower case.</summary>
    public static bool TryDomain(string? text, [NotNullWhen(true)] out string? domain)
    {
        domain = null;
        if (!DirectoryRules.TryJournalAddress("any@" + text?.Trim(), out var address)) return false;
        domain = address["any@".Length..];
        return domain.Contains('.');
    }
}
