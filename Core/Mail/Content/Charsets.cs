using System.Collections.Concurrent;
using System.Text;
using System.Text.Unicode;

namespace AMA.Mail.Content;

/// <summary>Bytes to characters, whatever a part says its character set is.</summary>
internal static class Charsets
{
    /// <summary>Names remembered; a stranger's bogus ones must not fill the memory.</summary>
    private const int NamesMax = 512;

    private static readonly ConcurrentDictionary<string, Encoding?> Known = new(StringComparer.OrdinalIgnoreCase);

    static Charsets() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>
    /// Windows-1252 knows every byte: what is neither labelled nor UTF-8 was most often written in it.
    /// </summary>
    public static Encoding Western { get; } = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <param name="name">As labelled; null or empty: not labelled.</param>
    public static string Decode(ReadOnlySpan<byte> bytes, string? name, ref MailFlags flags)
    {
        if (Ascii.IsValid(bytes) && !IsStateful(name)) return Encoding.ASCII.GetString(bytes);
        var encoding = string.IsNullOrEmpty(name) ? null : Find(name);
        if (encoding is null && !string.IsNullOrEmpty(name)) flags |= MailFlags.UnknownCharset;
        if (encoding is null or ASCIIEncoding) encoding = Utf8.IsValid(bytes) ? Encoding.UTF8 : Western;
        return encoding.GetString(bytes);
    }

    /// <summary>Character sets that write other letters with ASCII bytes.</summary>
    private static bool IsStateful(string? name) => name is not null &&
        (name.StartsWith("iso-2022", StringComparison.OrdinalIgnoreCase)
         || name.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase)
         || name.StartsWith("utf-32", StringComparison.OrdinalIgnoreCase)
         || name.StartsWith("hz-", StringComparison.OrdinalIgnoreCase)
         || name.StartsWith("ibm", StringComparison.OrdinalIgnoreCase)
         || name.StartsWith("cp", StringComparison.OrdinalIgnoreCase)
         || name.StartsWith("csiso2022", StringComparison.OrdinalIgnoreCase));

    private static Encoding? Find(string label)
    {
        if (Known.TryGetValue(label, out var known)) return known;
        var name = label.Trim(' ', '"', '\'').ToLowerInvariant().Replace('_', '-');
        var found = Look(() => Encoding.GetEncoding(name))
            ?? Look(() => Encoding.GetEncoding(Rewrite(name)))
            ?? (CodePage(name) is { } page ? Look(() => Encoding.GetEncoding(page)) : null);
        if (Known.Count < NamesMax) Known.TryAdd(label, found);
        return found;
    }

    private static Encoding? Look(Func<Encoding> look)
    {
        try
        {
            return look();
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>"cp-850", "win1251", "x-ms936": the number tells.</summary>
    private static int? CodePage(string name)
    {
        var digits = name.AsSpan().IndexOfAnyInRange('0', '9');
        if (digits <= 0 || name.AsSpan(digits).ContainsAnyExceptInRange('0', '9')) return null;
        var prefix = name[..digits].Replace("x-", "").TrimEnd('-');
        return CodePagePrefixes.Contains(prefix) && int.TryParse(name.AsSpan(digits), out var page) ? page : null;
    }

    private static readonly string[] CodePagePrefixes = ["cp", "ibm", "win", "windows", "ms", "codepage", "oem"];

    /// <summary>Forms seen in real mail that .NET has under another name.</summary>
    private static string Rewrite(string name)
    {
        var plain = name.StartsWith("x-", StringComparison.Ordinal) ? name[2..] : name;
        if (plain.StartsWith("iso8859", StringComparison.Ordinal)) return plain.Replace("iso8859", "iso-8859");
        if (plain.StartsWith("iso-8859-", StringComparison.Ordinal)) return string.Join('-', plain.Split('-').Take(3));
        return plain switch
        {
            "utf8" or "unicode-1-1-utf-8" => "utf-8",
            "latin-1" or "latin1" => "iso-8859-1",
            "ansi-x3.4-1968" or "ascii" or "646" or "7bit" or "8bit" => "us-ascii",
            _ => plain,
        };
    }
}
