using System.Net;
using System.Text;
using System.Text.Unicode;

namespace AMA.Gateway.Smtp.Protocol;

public enum PathFault
{
    None,

    /// <summary>Not RFC 5321's grammar.</summary>
    Syntax,

    /// <summary>Bytes beyond ASCII that are no valid UTF-8, or characters that could pass for line ends.</summary>
    Encoding,
}

/// <summary>
/// Reverse and forward paths by RFC 5321 §4.1.2 and RFC 6531 §3.3, byte by byte and nothing else: no comments, no
/// white space, no CR or LF even inside quotes (that is how addresses were made to smuggle commands). What is looser
/// than the grammar, because the archive must take what real systems send: lengths (bounded by the command line, not
/// by 64 octets), and '_' in domain labels. A source route is read and dropped, as §4.1.1.3 asks.
/// </summary>
public static class PathParser
{
    /// <summary>RFC 1035. Local parts are bounded by the command line alone.</summary>
    public const int DomainBytesMax = 255;

    private const int LabelBytesMax = 63;

    /// <summary>
    /// Reads "&lt;…&gt;" at the beginning of <paramref name="text"/>; <paramref name="read"/> bytes belong to it.
    /// "&lt;&gt;" is <see cref="MailPath.Null"/>.
    /// </summary>
    public static PathFault Parse(ReadOnlySpan<byte> text, out MailPath path, out int read)
    {
        (path, read) = (MailPath.Null, 0);
        if (text is not [(byte)'<', _, ..]) return PathFault.Syntax;
        if (text is [_, (byte)'>', ..])
        {
            read = 2;
            return PathFault.None;
        }
        var at = 1;
        if (text[1] == '@' && !SkipRoute(text, ref at)) return PathFault.Syntax;
        var start = at;
        if (!SkipMailbox(text, ref at, out var localEnd)) return PathFault.Syntax;
        if (at >= text.Length || text[at] != '>') return PathFault.Syntax;
        read = at + 1;
        return Build(text[start..at], localEnd - start, out path);
    }

    /// <summary>atext of RFC 5322 §3.2.3, ASCII part.</summary>
    public static bool IsAtomText(byte b) => b is
        (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z') or (>= (byte)'0' and <= (byte)'9')
        or (byte)'!' or (byte)'#' or (byte)'$' or (byte)'%' or (byte)'&' or (byte)'\'' or (byte)'*' or (byte)'+'
        or (byte)'-' or (byte)'/' or (byte)'=' or (byte)'?' or (byte)'^' or (byte)'_' or (byte)'`' or (byte)'{'
        or (byte)'|' or (byte)'}' or (byte)'~';

    private static PathFault Build(ReadOnlySpan<byte> mailbox, int localLength, out MailPath path)
    {
        path = MailPath.Null;
        if (!Utf8.IsValid(mailbox)) return PathFault.Encoding;
        var text = Encoding.UTF8.GetString(mailbox);
        // C1 controls and the Unicode line ends: harmless to us, but not in whatever log or terminal comes later.
        if (text.Any(c => c is (>= '\x80' and <= '\x9f') or '\u2028' or '\u2029')) return PathFault.Encoding;
        var local = Encoding.UTF8.GetString(mailbox[..localLength]);
        var domain = localLength == mailbox.Length ? "" : Encoding.UTF8.GetString(mailbox[(localLength + 1)..]);
        path = new MailPath(text, local[0] == '"' ? Unquote(local) : local, domain);
        return PathFault.None;
    }

    private static string Unquote(string quoted)
    {
        var text = new StringBuilder();
        for (var i = 1; i < quoted.Length - 1; i++)
        {
            if (quoted[i] == '\\') i++;
            text.Append(quoted[i]);
        }
        return text.ToString();
    }

    /// <summary>A-d-l ":" — "@a,@b:".</summary>
    private static bool SkipRoute(ReadOnlySpan<byte> text, ref int at)
    {
        while (at < text.Length && text[at] == '@')
        {
            at++;
            if (!SkipDomain(text, ref at) || at >= text.Length) return false;
            if (text[at++] == ':') return true;
            if (text[at - 1] != ',') return false;
        }
        return false;
    }

    private static bool SkipMailbox(ReadOnlySpan<byte> text, ref int at, out int localEnd)
    {
        var start = at;
        var isLocal = at < text.Length && text[at] == '"' ? SkipQuoted(text, ref at) : SkipDotString(text, ref at);
        localEnd = at;
        if (!isLocal || at >= text.Length) return false;
        if (text[at] != '@') return Ascii.EqualsIgnoreCase(text[start..at], "postmaster"u8);
        at++;
        return at < text.Length && text[at] == '[' ? SkipLiteral(text, ref at) : SkipDomain(text, ref at);
    }

    private static bool SkipDotString(ReadOnlySpan<byte> text, ref int at)
    {
        while (true)
        {
            var start = at;
            while (at < text.Length && (IsAtomText(text[at]) || text[at] >= 0x80)) at++;
            if (at == start) return false;
            if (at >= text.Length || text[at] != '.') return true;
            at++;
        }
    }

    private static bool SkipQuoted(ReadOnlySpan<byte> text, ref int at)
    {
        for (at++; at < text.Length; at++)
        {
            var b = text[at];
            if (b == '"')
            {
                at++;
                return true;
            }
            if (b == '\\') at++; // quoted-pairSMTP: the next byte counts as it is, within the same bounds
            if (at >= text.Length || text[at] < 0x20 || text[at] == 0x7f) return false;
        }
        return false;
    }

    private static bool SkipDomain(ReadOnlySpan<byte> text, ref int at)
    {
        var start = at;
        while (true)
        {
            var label = at;
            while (at < text.Length && IsLabelText(text[at])) at++;
            var length = at - label;
            if (length is 0 or > LabelBytesMax || text[label] == '-' || text[at - 1] == '-') return false;
            if (at - start > DomainBytesMax) return false;
            if (at >= text.Length || text[at] != '.') return true;
            at++;
        }
    }

    private static bool IsLabelText(byte b) =>
        char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' || b >= 0x80;

    /// <summary>"[192.0.2.1]" or "[IPv6:2001:db8::1]".</summary>
    private static bool SkipLiteral(ReadOnlySpan<byte> text, ref int at)
    {
        var length = text[at..].IndexOf((byte)']');
        if (length < 0 || length > DomainBytesMax) return false;
        var literal = text.Slice(at + 1, length - 1);
        at += length + 1;
        if (!Ascii.IsValid(literal)) return false;
        var isV6 = literal.Length > 5 && Ascii.EqualsIgnoreCase(literal[..5], "IPv6:"u8);
        return isV6 ? IsV6(literal[5..]) : IsV4(literal);
    }

    /// <summary>Four decimal numbers: .NET's own parser would also take "1", "0x7f.1" and octal.</summary>
    private static bool IsV4(ReadOnlySpan<byte> text)
    {
        var parts = 0;
        foreach (var range in text.Split((byte)'.'))
        {
            var part = text[range];
            if (part.Length is 0 or > 3 || part.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
            if (int.Parse(part) > 255) return false;
            parts++;
        }
        return parts == 4;
    }

    /// <summary>Without scope, prefix length and port, which .NET's parser takes too.</summary>
    private static bool IsV6(ReadOnlySpan<byte> text) =>
        !text.ContainsAny("%/[]"u8) && IPAddress.TryParse(Encoding.ASCII.GetString(text), out var address)
        && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
}
