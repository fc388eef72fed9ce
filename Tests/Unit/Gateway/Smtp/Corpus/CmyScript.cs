using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp.Corpus;

/// <summary>
/// A conversation in chasquid's format: "c -> line", "c ~> expression" (octets), "c &lt;~ code", "c &lt;- reply",
/// "c &lt;... reply", "c tcp_connect", "c tls_connect", "c close". Played inside TLS, because nothing happens before it here;
/// compared by reply codes, because texts are everybody's own.
/// </summary>
internal static partial class CmyScript
{
    /// <param name="differs">Codes that we answer on purpose where the script has others.</param>
    /// <param name="inTheClear">Play it as it stands, on the port that begins without TLS.</param>
    public static async Task PlayAsync(
        string text, SmtpUnderTest gateway, IReadOnlyDictionary<string, string> differs, bool inTheClear)
    {
        RawClient? client = null;
        try
        {
            foreach (var line in text.Split('\n').Where(line => line.StartsWith("c ")))
            {
                if (Connect().IsMatch(line))
                {
                    if (client is not null) await client.DisposeAsync();
                    client = inTheClear
                        ? await RawClient.ConnectAsync(gateway.Ports.StartTls)
                        : await RawClient.ConnectAsync(gateway.Ports.ImplicitTls, implicitTls: true);
                }
                else if (line != "c close") await StepAsync(line, client!, differs);
            }
        }
        finally
        {
            if (client is not null) await client.DisposeAsync();
        }
    }

    private static async Task StepAsync(string line, RawClient client, IReadOnlyDictionary<string, string> differs)
    {
        var words = line.Split(' ', 3);
        var rest = words.ElementAtOrDefault(2) ?? "";
        switch (words[1])
        {
            case "->":
                await client.SendAsync(Encoding.UTF8.GetBytes(Adapted(rest) + "\r\n"));
                break;
            case "~>":
                await client.SendAsync(Encoding.UTF8.GetBytes(new Octets(rest).Value()));
                break;
            default:
                var code = rest[..3];
                await client.ExpectAsync(differs.GetValueOrDefault(code, code));
                break;
        }
    }

    /// <summary>Their recipient is ours under another name, and stands in brackets.</summary>
    private static string Adapted(string line) =>
        line == "RCPT TO: user@testserver" ? "RCPT TO:<journal@one.example>" : line;

    [GeneratedRegex("^c (tcp|tls)_connect ", RegexOptions.NonBacktracking)]
    private static partial Regex Connect();

    /// <summary>Texts in quotes, "+", "* number" and brackets.</summary>
    private sealed class Octets(string text)
    {
        private int _at;

        public string Value()
        {
            var value = Sum();
            Assert.Equal(text.Length, _at);
            return value;
        }

        private string Sum()
        {
            var value = Product();
            while (Takes('+')) value += Product();
            return value;
        }

        private string Product()
        {
            var value = Takes('(') ? Bracketed() : Quoted();
            if (!Takes('*')) return value;
            var digits = text[_at..].TrimStart().TakeWhile(char.IsAsciiDigit).ToArray();
            _at = text.IndexOf(new string(digits), _at, StringComparison.Ordinal) + digits.Length;
            return string.Concat(Enumerable.Repeat(value, int.Parse(digits)));
        }

        private string Bracketed()
        {
            var value = Sum();
            Assert.True(Takes(')'));
            return value;
        }

        private string Quoted()
        {
            Assert.True(Takes('\''));
            var end = text.IndexOf('\'', _at);
            var value = text[_at..end];
            _at = end + 1;
            return Regex.Unescape(value);
        }

        private bool Takes(char wanted)
        {
            var at = _at;
            while (at < text.Length && text[at] == ' ') at++;
            if (at == text.Length || text[at] != wanted) return false;
            _at = at + 1;
            return true;
        }
    }
}
