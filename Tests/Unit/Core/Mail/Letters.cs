using System.Text;
using AMA.Mail;

namespace AMA.Tests.Unit.Core.Mail;

/// <summary>Messages written in tests: lines joined by CRLF, each character one byte.</summary>
internal static class Letters
{
    public static ParsedMail Parse(params string[] lines) => Parse(Bytes(lines));

    /// <summary>As the archive does, but a fault of the parser's is seen.</summary>
    public static ParsedMail Parse(byte[] raw) => MailParser.Read(raw);

    public static byte[] Bytes(params string[] lines) => Encoding.Latin1.GetBytes(string.Join("\r\n", lines));

    public static string Repeat(string text, int times) =>
        new StringBuilder(text.Length * times).Insert(0, text, times).ToString();
}
