using System.Globalization;
using System.Text;

namespace AMA.Search.Analysis;

/// <summary>
/// E-mail addresses in the one form in which AMA compares them: lower case, composed (NFC), international domains in
/// Unicode. Local parts are compared without case, as every provider does (RFC 5321 §2.4 allows otherwise).
/// </summary>
internal static class Addresses
{
    /// <summary>RFC 5321 §4.5.3.1 allows 320; what is longer than this names nobody.</summary>
    private const int CharsMax = 512;

    /// <summary>Domain labels that are found by themselves: <c>from:@example.com</c> finds mail.example.com.</summary>
    private const int SuffixesMax = 6;

    private static readonly IdnMapping Idn = new();

    /// <summary>Empty for what is no address.</summary>
    public static string Normal(string address)
    {
        var text = address.Trim();
        var at = text.LastIndexOf('@');
        if (at < 0 || text.Length > CharsMax) return "";
        return Compose(text[..at]) + "@" + Domain(text[(at + 1)..]);
    }

    /// <summary>The address itself, and "@" with its domain and each parent domain.</summary>
    public static IEnumerable<string> Terms(string address)
    {
        var normal = Normal(address);
        if (normal.Length == 0) yield break;
        yield return normal;
        var domain = normal[(normal.LastIndexOf('@') + 1)..];
        for (var i = 0; i < SuffixesMax && domain.Length > 0; i++)
        {
            yield return "@" + domain;
            var dot = domain.IndexOf('.');
            domain = dot < 0 ? "" : domain[(dot + 1)..];
        }
    }

    private static string Domain(string domain)
    {
        var lower = Compose(domain.TrimEnd('.'));
        if (!lower.Contains("xn--", StringComparison.Ordinal)) return lower;
        try
        {
            return Compose(Idn.GetUnicode(lower));
        }
        catch (ArgumentException)
        {
            return lower;
        }
    }

    private static string Compose(string text)
    {
        var lower = text.ToLowerInvariant();
        if (Ascii.IsValid(lower)) return lower;
        try
        {
            return lower.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return lower; // Half a surrogate pair: it equals only itself.
        }
    }
}
