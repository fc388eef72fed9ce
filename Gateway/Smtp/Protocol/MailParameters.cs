using System.Buffers.Text;
using System.Text;
using AMA.Archive.Spool;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>RFC 6152 and 3030.</summary>
public enum BodyKind
{
    /// <summary>Not said, or BODY=7BIT.</summary>
    SevenBit,
    EightBitMime,

    /// <summary>Goes with BDAT only.</summary>
    BinaryMime,
}

/// <summary>What stood behind the path of MAIL: the parameters of the extensions that EHLO offers.</summary>
/// <param name="Size">RFC 1870; null when not said.</param>
/// <param name="Return">RFC 3461 §4.3.</param>
/// <param name="EnvelopeId">RFC 3461 §4.4, as it came.</param>
public readonly record struct MailParameters(
    long? Size, BodyKind Body, bool SmtpUtf8, ReturnPart Return, string? EnvelopeId)
{
    /// <summary>
    /// Reads " SIZE=1 BODY=8BITMIME …"; the refusal, or null when all is well. <paramref name="auth"/>: AUTH is
    /// offered, so its parameter may stand here (RFC 4954 §5). It is checked and then ignored: we trust nobody's word
    /// for somebody else.
    /// </summary>
    public static SmtpReply? Parse(ReadOnlySpan<byte> text, bool auth, out MailParameters parameters)
    {
        var reader = new Reader();
        var words = new ExtensionWords(text);
        bool broken;
        while (words.MoveNext(out broken))
            if (reader.Take(words, auth) is { } refusal)
            {
                parameters = default;
                return refusal;
            }
        parameters = reader.Result;
        return broken ? Replies.BadParameter : null;
    }

    private struct Reader
    {
        private bool _body;
        private bool _auth;
        private MailParameters _result;

        public readonly MailParameters Result => _result;

        public SmtpReply? Take(ExtensionWords word, bool auth)
        {
            if (word.Is("SIZE"u8)) return Checked(TakeSize(word.Value));
            if (word.Is("BODY"u8)) return Checked(TakeBody(word.Value));
            if (word.Is("SMTPUTF8"u8)) return Checked(TakeSmtpUtf8(word.HasValue));
            if (word.Is("RET"u8)) return Checked(TakeReturn(word.Value));
            if (word.Is("ENVID"u8)) return Checked(TakeEnvelopeId(word.Value));
            if (auth && word.Is("AUTH"u8)) return Checked(TakeAuth(word.Value));
            return Replies.UnknownParameter;
        }

        private static SmtpReply? Checked(bool good) => good ? null : Replies.BadParameter;

        private bool TakeSize(ReadOnlySpan<byte> value)
        {
            // RFC 1870: up to 20 digits. What doesn't fit into 63 bits is larger than any limit of ours all the same.
            if (_result.Size is not null || value.Length is 0 or > 20) return false;
            if (value.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
            _result = _result with { Size = Utf8Parser.TryParse(value, out long size, out _) ? size : long.MaxValue };
            return true;
        }

        private bool TakeBody(ReadOnlySpan<byte> value)
        {
            BodyKind? kind = Is(value, "7BIT"u8) ? BodyKind.SevenBit
                : Is(value, "8BITMIME"u8) ? BodyKind.EightBitMime
                : Is(value, "BINARYMIME"u8) ? BodyKind.BinaryMime
                : null;
            if (_body || kind is null) return false;
            _body = true;
            _result = _result with { Body = kind.Value };
            return true;
        }

        private bool TakeSmtpUtf8(bool hasValue)
        {
            if (hasValue || _result.SmtpUtf8) return false;
            _result = _result with { SmtpUtf8 = true };
            return true;
        }

        private bool TakeReturn(ReadOnlySpan<byte> value)
        {
            var part = Is(value, "FULL"u8) ? ReturnPart.Full : Is(value, "HDRS"u8) ? ReturnPart.Headers : default;
            if (_result.Return != ReturnPart.Unsaid || part == ReturnPart.Unsaid) return false;
            _result = _result with { Return = part };
            return true;
        }

        private bool TakeEnvelopeId(ReadOnlySpan<byte> value)
        {
            if (_result.EnvelopeId is not null || !Xtext.IsEnvelopeId(value)) return false;
            _result = _result with { EnvelopeId = Encoding.ASCII.GetString(value) };
            return true;
        }

        private bool TakeAuth(ReadOnlySpan<byte> value)
        {
            if (_auth || value.IsEmpty || !(Is(value, "<>"u8) || Xtext.IsXtext(value))) return false;
            return _auth = true;
        }

        private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> keyword) =>
            Ascii.EqualsIgnoreCase(word, keyword);
    }
}
