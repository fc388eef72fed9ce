using System.Text;

namespace AMA.Gateway.Smtp.Protocol;

public enum SmtpVerb
{
    Unknown,
    Ehlo,
    Helo,
    StartTls,
    Mail,
    Rcpt,
    Data,
    Bdat,
    Auth,
    Rset,
    Noop,
    Quit,
    Vrfy,
    Help,

    /// <summary>A command of some RFC that this server doesn't offer: 502 instead of 500.</summary>
    NotOffered,
}

/// <summary>
/// A command line without its CRLF, split at the first space. Trailing spaces are dropped (RFC 5321 §4.1.1).
/// </summary>
public readonly ref struct CommandLine
{
    /// <summary>RFC 5321 §4.5.3.1.4, without the CRLF.</summary>
    public const int BytesMax = 510;

    /// <summary>
    /// For MAIL and RCPT: the extensions add to the 512 octets, and long addresses (sub-addressed journal recipients,
    /// SRS senders) are nobody's fault. Without the CRLF.
    /// </summary>
    public const int ExtendedBytesMax = 2_046;

    private CommandLine(SmtpVerb verb, ReadOnlySpan<byte> argument)
    {
        Verb = verb;
        Argument = argument;
    }

    public SmtpVerb Verb { get; }

    public ReadOnlySpan<byte> Argument { get; }

    /// <summary>AUTH brings its initial response along. Our secrets are far shorter than RFC 4954's 12,288.</summary>
    public int LengthMax => Verb is SmtpVerb.Mail or SmtpVerb.Rcpt or SmtpVerb.Auth ? ExtendedBytesMax : BytesMax;

    public static CommandLine Parse(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)' ');
        var space = line.IndexOf((byte)' ');
        return space < 0
            ? new(VerbOf(line), [])
            : new(VerbOf(line[..space]), line[(space + 1)..].TrimStart((byte)' '));
    }

    /// <summary>NUL, line ends and other control characters have no place in any command.</summary>
    public static bool HasControlBytes(ReadOnlySpan<byte> line) =>
        line.ContainsAnyInRange((byte)0, (byte)0x1f) || line.Contains((byte)0x7f);

    private static SmtpVerb VerbOf(ReadOnlySpan<byte> word)
    {
        if (word.Length is < 4 or > 8) return SmtpVerb.Unknown;
        Span<byte> upper = stackalloc byte[8];
        if (Ascii.ToUpper(word, upper, out var length) != System.Buffers.OperationStatus.Done) return SmtpVerb.Unknown;
        return upper[..length] switch
        {
            var w when w.SequenceEqual("EHLO"u8) => SmtpVerb.Ehlo,
            var w when w.SequenceEqual("HELO"u8) => SmtpVerb.Helo,
            var w when w.SequenceEqual("STARTTLS"u8) => SmtpVerb.StartTls,
            var w when w.SequenceEqual("MAIL"u8) => SmtpVerb.Mail,
            var w when w.SequenceEqual("RCPT"u8) => SmtpVerb.Rcpt,
            var w when w.SequenceEqual("DATA"u8) => SmtpVerb.Data,
            var w when w.SequenceEqual("BDAT"u8) => SmtpVerb.Bdat,
            var w when w.SequenceEqual("AUTH"u8) => SmtpVerb.Auth,
            var w when w.SequenceEqual("RSET"u8) => SmtpVerb.Rset,
            var w when w.SequenceEqual("NOOP"u8) => SmtpVerb.Noop,
            var w when w.SequenceEqual("QUIT"u8) => SmtpVerb.Quit,
            var w when w.SequenceEqual("VRFY"u8) => SmtpVerb.Vrfy,
            var w when w.SequenceEqual("HELP"u8) => SmtpVerb.Help,
            var w when IsKnownElsewhere(w) => SmtpVerb.NotOffered,
            _ => SmtpVerb.Unknown,
        };
    }

    private static bool IsKnownElsewhere(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("EXPN"u8) || word.SequenceEqual("ETRN"u8) || word.SequenceEqual("ATRN"u8)
        || word.SequenceEqual("TURN"u8) || word.SequenceEqual("BURL"u8) || word.SequenceEqual("SEND"u8)
        || word.SequenceEqual("SOML"u8) || word.SequenceEqual("SAML"u8);
}
