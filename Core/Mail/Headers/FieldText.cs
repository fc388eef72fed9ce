using System.Text;
using MimeKit;
using MimeKit.Utils;

namespace AMA.Mail.Headers;

/// <summary>Field values as people read them: unfolded, decoded (RFC 2047), one line, no control characters.</summary>
internal static class FieldText
{
    /// <summary>Lenient: an archive reads what real senders wrote.</summary>
    internal static readonly ParserOptions Lenient = new()
    {
        AddressParserComplianceMode = RfcComplianceMode.Loose,
        ParameterComplianceMode = RfcComplianceMode.Loose,
        Rfc2047ComplianceMode = RfcComplianceMode.Loose,
        CharsetEncoding = Content.Charsets.Western,
        AllowAddressesWithoutDomain = true,
    };

    public static string Decode(byte[] bytes, HeaderField field)
    {
        var value = bytes.AsSpan(field.Start, field.Length);
        return Ascii.IsValid(value) && value.IndexOf("=?"u8) < 0
            ? OneLine(Encoding.ASCII.GetString(value))
            : OneLine(Rfc2047.DecodeText(Lenient, bytes, field.Start, field.Length));
    }

    /// <summary>
    /// Line breaks, tabs and control characters become blanks, runs of which become one: a header value can inject
    /// nothing into a view, a log or an export (threats.md, rows 9 and 23).
    /// </summary>
    public static string OneLine(string text)
    {
        var line = text.AsSpan().Trim();
        if (IsOneLine(line)) return line.Length == text.Length ? text : line.ToString();
        var result = new StringBuilder(line.Length);
        var blank = false;
        foreach (var c in line)
        {
            if (IsBlank(c)) { blank = true; continue; }
            if (blank && result.Length > 0) result.Append(' ');
            blank = false;
            result.Append(c);
        }
        return result.ToString();
    }

    private static bool IsOneLine(ReadOnlySpan<char> line)
    {
        var before = 'x';
        foreach (var c in line)
        {
            if (c != ' ' ? IsBlank(c) : before == ' ') return false;
            before = c;
        }
        return true;
    }

    private static bool IsBlank(char c) =>
        c is <= ' ' or '\u007f' or (>= '\u0080' and < '\u00a0') or '\u2028' or '\u2029';
}
