using System.Globalization;
using System.Text;

namespace AMA.Gateway.Cli.Output;

/// <summary>
/// Makes a stranger's text safe for a terminal. Subjects, names and bodies come from whoever sent the mail: control
/// characters could move the cursor, rewrite lines already shown or answer in the user's name; direction marks could
/// make an address read backwards. They are shown as what they are (threats.md, row 42).
/// </summary>
internal static class Printable
{
    /// <summary>One line: line ends and tabs become blanks.</summary>
    public static string Of(string text) => Filter(text, keepLines: false);

    /// <summary>Text of several lines: LF and tab stay, CRLF becomes LF.</summary>
    public static string Lines(string text) => Filter(text, keepLines: true);

    private static string Filter(string text, bool keepLines)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\n' or '\t') safe.Append(keepLines ? (char)rune.Value : ' ');
            else if (rune.Value is '\r') continue;
            else if (IsDangerous(rune)) safe.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else safe.Append(rune.ToString());
        }
        return safe.ToString();
    }

    private static bool IsDangerous(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        // U+200C and U+200D join letters in many scripts and emoji; the other format characters only hide something.
        UnicodeCategory.Format => rune.Value is not (0x200c or 0x200d),
        _ => false,
    };
}
