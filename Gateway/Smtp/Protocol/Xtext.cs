using System.Text;
using System.Text.Unicode;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>The encodings of RFC 3461 §4 and RFC 6533 §3: checked, never decoded, because they are kept as they came.</summary>
internal static class Xtext
{
    private const int EnvelopeIdBytesMax = 100;
    private const int OriginalRecipientBytesMax = 500;

    public static bool IsEnvelopeId(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= EnvelopeIdBytesMax && IsXtext(text);

    /// <summary>"rfc822;a+2Bb@example.org", "utf-8;zo\x{EB}@example.org"; beyond ASCII only with SMTPUTF8.</summary>
    public static bool IsOriginalRecipient(ReadOnlySpan<byte> text, bool smtpUtf8)
    {
        var semicolon = text.IndexOf((byte)';');
        if (semicolon <= 0 || semicolon == text.Length - 1 || text.Length > OriginalRecipientBytesMax) return false;
        foreach (var b in text[..semicolon])
            if (!PathParser.IsAtomText(b)) return false;
        var address = text[(semicolon + 1)..];
        return Ascii.EqualsIgnoreCase(text[..semicolon], "utf-8"u8) ? IsUtf8Text(address, smtpUtf8) : IsXtext(address);
    }

    /// <summary>Printable ASCII but '+' and '=', and "+HH" in upper case.</summary>
    public static bool IsXtext(ReadOnlySpan<byte> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is < (byte)'!' or > (byte)'~' or (byte)'=') return false;
            if (text[at] != '+') continue;
            if (at + 2 >= text.Length || !IsUpperHex(text[at + 1]) || !IsUpperHex(text[at + 2])) return false;
            at += 2;
        }
        return true;
    }

    private static bool IsUtf8Text(ReadOnlySpan<byte> text, bool smtpUtf8)
    {
        if (text.ContainsAnyInRange((byte)0, (byte)' ') || text.ContainsAny((byte)'=', (byte)0x7f)) return false;
        return Ascii.IsValid(text) || (smtpUtf8 && Utf8.IsValid(text));
    }

    private static bool IsUpperHex(byte b) => b is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'A' and <= (byte)'F');
}
