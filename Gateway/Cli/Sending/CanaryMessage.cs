using System.Globalization;
using System.Text;
using AMA.Archive.Ids;

namespace AMA.Gateway.Cli.Sending;

/// <summary>A harmless message that says what it is (docs/completeness.md, "A canary").</summary>
/// <param name="Id">32 hex digits: in its subject, its text, its Message-ID and its <see cref="Header"/>.</param>
internal sealed record CanaryMessage(string Id, byte[] Bytes)
{
    public const string Header = "X-AMA-Canary";

    public static CanaryMessage New(string from, string to, DateTimeOffset now, IRandom random)
    {
        var bytes = new byte[16];
        random.Fill(bytes);
        var id = Convert.ToHexStringLower(bytes);
        var date = now.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
        var text = $"""
            From: AMA canary <{(from.Length > 0 ? from : "canary@ama.invalid")}>
            To: <{to}>
            Date: {date}
            Subject: AMA canary {id}
            Message-ID: <{id}@canary.ama.invalid>
            {Header}: {id}
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: text/plain; charset=us-ascii

            This message was sent by "ama canary" to see whether mail that takes this
            way arrives in the archive. Nobody has to do anything about it.

            {id}

            """;
        return new(id, Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")));
    }
}
