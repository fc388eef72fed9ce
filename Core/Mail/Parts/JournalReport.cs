using AMA.Mail.Headers;

namespace AMA.Mail.Parts;

/// <summary>
/// An Exchange journal report: a mail of its own that says about another one, which it carries, who sent and who received
/// it. The header field that marks it can be written by anybody: it counts because only a tenant's own sources get mail
/// into the archive, and only on the message itself, never on one inside it.
/// </summary>
internal static class JournalReport
{
    private const string Mark = "X-MS-Journal-Report";
    private const string Label = "Message-ID:";

    /// <summary>The report's own lines come first, and are few.</summary>
    private const int LinesMax = 64;

    public static bool IsMarked(HeaderBlock block) => block.First(Mark) is not null;

    /// <summary>
    /// The Message-ID of the mail that is reported: what the report says, for the case that the mail itself can't be
    /// read; empty when it says nothing.
    /// </summary>
    /// <param name="text">The report's text, with "\n" as line ends.</param>
    public static string IdIn(string text)
    {
        var lines = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (++lines > LinesMax) break;
            if (line.StartsWith(Label, StringComparison.OrdinalIgnoreCase))
                return MessageFields.BareId(line[Label.Length..].ToString());
        }
        return "";
    }
}
