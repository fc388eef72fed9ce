using System.Globalization;
using System.Text;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>A mailbox of RFC 5321, read by <see cref="PathParser"/> and by nothing after it.</summary>
/// <param name="Text">As the client wrote it, without brackets and source route; empty for the null path.</param>
/// <param name="LocalPart">Unquoted.</param>
/// <param name="Domain">Name or address literal; empty for the null path and for "postmaster" alone.</param>
public sealed record MailPath(string Text, string LocalPart, string Domain)
{
    public static MailPath Null { get; } = new("", "", "");

    public bool IsNull => Text.Length == 0;

    public bool IsAscii => Ascii.IsValid(Text);

    /// <summary>
    /// The form in which recipients are compared: normal form C (RFC 6532 §3.1), lower case, quotes only where the local
    /// part needs them, the domain by its A-labels. So two ways to write one address can't be told apart by whoever
    /// decides about it.
    /// </summary>
    public string Key => Domain.Length == 0 ? Canonical : $"{Canonical}@{CanonicalDomain}";

    private string Canonical => NeedsQuotes
        ? '"' + Normal(LocalPart).Replace("\\", "\\\\").Replace("\"", "\\\"") + '"'
        : Normal(LocalPart);

    /// <summary>What has no A-labels can't be in the directory, and stays what it is.</summary>
    private string CanonicalDomain
    {
        get
        {
            var domain = Normal(Domain);
            if (Ascii.IsValid(domain)) return domain;
            try
            {
                return new IdnMapping().GetAscii(domain).ToLowerInvariant();
            }
            catch (ArgumentException)
            {
                return domain;
            }
        }
    }

    private static string Normal(string text) => Ascii.IsValid(text)
        ? text.ToLowerInvariant()
        : text.Normalize(NormalizationForm.FormC).ToLowerInvariant().Normalize(NormalizationForm.FormC);

    private bool NeedsQuotes =>
        LocalPart.Length == 0 || LocalPart[0] == '.' || LocalPart[^1] == '.' || LocalPart.Contains("..")
        || LocalPart.Any(c => c < 0x80 && c != '.' && !PathParser.IsAtomText((byte)c));
}
