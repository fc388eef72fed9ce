namespace AMA.Adapters.Submission;

/// <summary>One reply of a server (RFC 5321 §4.2), possibly of several lines.</summary>
/// <param name="Code">200 to 559.</param>
/// <param name="EnhancedCode">"2.0.0" and the like (RFC 3463) when the last line begins with one, otherwise
/// null.</param>
/// <param name="Lines">Texts without codes.</param>
public sealed record SmtpReply(int Code, string? EnhancedCode, IReadOnlyList<string> Lines)
{
    /// <summary>2xx: done. After the end of DATA: the server has the message, for good.</summary>
    public bool Accepted => Code is >= 200 and < 300;

    /// <summary>4xx: not now. The same command may succeed later.</summary>
    public bool Transient => Code is >= 400 and < 500;

    /// <summary>5xx: never in this form.</summary>
    public bool Permanent => Code >= 500;

    /// <summary>The last line's text. AMA answers an accepted message with its receipt here.</summary>
    public string Text => Lines.Count == 0 ? "" : Lines[^1];

    public override string ToString() => EnhancedCode is null ? $"{Code} {Text}" : $"{Code} {EnhancedCode} {Text}";

    /// <summary>Builds a reply from its lines' texts; the enhanced code is split off the last one.</summary>
    internal static SmtpReply Of(int code, List<string> lines)
    {
        var (enhanced, rest) = SplitEnhanced(code, lines[^1]);
        lines[^1] = rest;
        return new SmtpReply(code, enhanced, lines);
    }

    private static (string? Enhanced, string Text) SplitEnhanced(int code, string text)
    {
        var space = text.IndexOf(' ');
        var word = space < 0 ? text : text[..space];
        var parts = word.Split('.');
        var isEnhanced = parts.Length == 3 && parts[0] == (code / 100).ToString()
            && parts.All(p => p.Length is 1 or 2 or 3 && p.All(char.IsAsciiDigit));
        return isEnhanced ? (word, space < 0 ? "" : text[(space + 1)..]) : (null, text);
    }
}
