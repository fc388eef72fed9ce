using System.Text;

namespace AMA.Tests.Fuzz.Targets;

/// <summary>
/// Written from RFC 5321 §4.5.2's words, on whole arrays: lines end with CRLF, a lone dot ends, a dot in front goes.
/// </summary>
internal static class BodyModel
{
    /// <summary>The content of the message at the beginning of <paramref name="wire"/>.</summary>
    public static byte[] ContentOf(byte[] wire)
    {
        var text = Encoding.Latin1.GetString(wire);
        var content = new StringBuilder();
        foreach (var line in text.Split("\r\n"))
        {
            if (line == ".") return Encoding.Latin1.GetBytes(content.ToString());
            content.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }
        throw new InvalidOperationException("the message doesn't end");
    }

    /// <summary>How many octets of <paramref name="wire"/> belong to it, the final dot's line included.</summary>
    public static int LengthOf(byte[] wire)
    {
        var text = Encoding.Latin1.GetString(wire);
        if (text.StartsWith(".\r\n", StringComparison.Ordinal)) return 3;
        return text.IndexOf("\r\n.\r\n", StringComparison.Ordinal) + 5;
    }
}
