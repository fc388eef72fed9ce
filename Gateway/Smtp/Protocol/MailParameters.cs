using System.Buffers.Text;
using System.Text;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>What stood behind the path of MAIL: the parameters of the extensions that EHLO offers.</summary>
/// <param name="Size">RFC 1870; null when not said.</param>
/// <param name="EightBitMime">RFC 6152: BODY=8BITMIME.</param>
public readonly record struct MailParameters(long? Size, bool EightBitMime, bool SmtpUtf8)
{
    /// <summary>Reads " SIZE=1 BODY=8BITMIME …"; the refusal, or null when all is well.</summary>
    public static SmtpReply? Parse(ReadOnlySpan<byte> text, out MailParameters parameters)
    {
        parameters = default;
        var seenBody = false;
        while (!text.IsEmpty)
        {
            if (text[0] != ' ') return Replies.BadParameter;
            text = text.TrimStart((byte)' ');
            var end = text.IndexOf((byte)' ') is var space && space < 0 ? text.Length : space;
            var refusal = Take(text[..end], ref parameters, ref seenBody);
            if (refusal is not null) return refusal;
            text = text[end..];
        }
        return null;
    }

    private static SmtpReply? Take(ReadOnlySpan<byte> word, ref MailParameters parameters, ref bool seenBody)
    {
        var equals = word.IndexOf((byte)'=');
        var keyword = equals < 0 ? word : word[..equals];
        var value = equals < 0 ? [] : word[(equals + 1)..];
        if (Is(keyword, "SIZE"u8)) return TakeSize(value, ref parameters);
        if (Is(keyword, "BODY"u8)) return TakeBody(value, ref parameters, ref seenBody);
        if (!Is(keyword, "SMTPUTF8"u8)) return Replies.UnknownParameter;
        if (equals >= 0 || parameters.SmtpUtf8) return Replies.BadParameter;
        parameters = parameters with { SmtpUtf8 = true };
        return null;
    }

    private static SmtpReply? TakeSize(ReadOnlySpan<byte> value, ref MailParameters parameters)
    {
        // RFC 1870: up to 20 digits. What doesn't fit into 63 bits is larger than any limit of ours all the same.
        if (parameters.Size is not null || value.Length is 0 or > 20) return Replies.BadParameter;
        if (value.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return Replies.BadParameter;
        parameters = parameters with { Size = Utf8Parser.TryParse(value, out long size, out _) ? size : long.MaxValue };
        return null;
    }

    private static SmtpReply? TakeBody(ReadOnlySpan<byte> value, ref MailParameters parameters, ref bool seenBody)
    {
        if (seenBody) return Replies.BadParameter;
        seenBody = true;
        parameters = parameters with { EightBitMime = Is(value, "8BITMIME"u8) };
        return parameters.EightBitMime || Is(value, "7BIT"u8) ? null : Replies.BadParameter;
    }

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> keyword) =>
        Ascii.EqualsIgnoreCase(word, keyword);
}
