using System.Text.RegularExpressions;
using System.Text;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>A text of Tests/Dialogues (the format stands in its README), played against the real listener.</summary>
internal static partial class Dialogue
{
    public static async Task PlayAsync(string text)
    {
        var lines = text.Split('\n').Select((line, index) => (Text: line.TrimEnd('\r'), Number: index + 1))
            .Where(line => line.Text.Length > 0 && !line.Text.StartsWith('#')).ToList();
        var settings = lines.Where(line => line.Text.StartsWith("@ ")).Select(line => line.Text[2..].Trim()).ToList();
        var time = new FakeTimeProvider();
        await using var gateway = await SmtpUnderTest.StartAsync(
            options => settings.Aggregate(options, Apply), settings.Contains("clock") ? time : null,
            settings.Contains("credentials") ? new OneSecret() : null);
        gateway.Spool.IsFull = settings.Contains("spool full");
        gateway.Spool.Breaks = settings.Contains("spool breaks");
        gateway.Spool.Fails = gateway.Spool.IsFull || settings.Contains("spool fails");
        Set(gateway.Book, settings);
        var implicitTls = settings.Contains("implicit tls");
        await using var client = await RawClient.ConnectAsync(
            implicitTls ? gateway.Ports.ImplicitTls : gateway.Ports.StartTls, implicitTls);
        foreach (var (line, number) in lines.Where(line => !line.Text.StartsWith("@ ")))
        {
            try
            {
                await StepAsync(line, client, gateway, time);
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"line {number}: {line}\n{fault.Message}", fault);
            }
        }
    }

    public static byte[] Unescape(string text)
    {
        var repeated = Repeat().Replace(
            text, m => string.Concat(Enumerable.Repeat(m.Groups[1].Value, int.Parse(m.Groups[2].Value))));
        var bytes = new List<byte>();
        for (var i = 0; i < repeated.Length; i++)
        {
            if (repeated[i] != '\\' || i + 1 == repeated.Length)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(repeated[i].ToString()));
                continue;
            }
            i++;
            if (repeated[i] == 'x')
            {
                bytes.Add(Convert.ToByte(repeated.Substring(i + 1, 2), 16));
                i += 2;
                continue;
            }
            bytes.Add(repeated[i] switch
            {
                'r' => 13, 'n' => 10, '0' => 0, '\\' => 92, var c => throw new FormatException($"\\{c}"),
            });
        }
        return [.. bytes];
    }

    private static async Task StepAsync(string line, RawClient client, SmtpUnderTest gateway, FakeTimeProvider time)
    {
        var (word, rest) = (line[..2], line.Length > 3 ? line[3..] : "");
        switch (word)
        {
            case "C:":
                await client.SendAsync(Unescape(rest + "\\r\\n"));
                break;
            case "C|":
                await client.SendAsync(Unescape(rest));
                break;
            case "S:":
                Assert.StartsWith(rest, await time.WhileSecondsPassAsync(client.ReadLineAsync()) ?? "[closed]");
                break;
            case "S*":
                await client.ExpectAsync(rest);
                break;
            default:
                await StepAsync(line.Split(' ', 2), client, gateway, time);
                break;
        }
    }

    private static async Task StepAsync(
        string[] words, RawClient client, SmtpUnderTest gateway, FakeTimeProvider time)
    {
        switch (words[0])
        {
            case "TLS":
                await client.SecureAsync();
                break;
            case "LATER":
                await gateway.UntilWaitingAsync(1);
                time.Advance(TimeSpan.FromSeconds(int.Parse(words[1])));
                break;
            case "STOP":
                await gateway.UntilWaitingAsync(1);
                _ = gateway.StopAsync();
                break;
            case "CLOSED":
                await client.ExpectClosedAsync();
                break;
            case "STORED":
                Assert.Equal(int.Parse(words[1]), gateway.Spool.Stored.Count);
                break;
            case "BODY":
                Assert.Equal(Unescape(words.ElementAtOrDefault(1) ?? ""), gateway.Spool.Stored[^1].Raw);
                break;
            case "TRACE":
                Assert.Equal(words[1], TraceOf(gateway.Spool.Stored[^1].Envelope));
                break;
            default:
                throw new FormatException($"{words[0]} is no step of a dialogue");
        }
    }

    private static string TraceOf(Envelope envelope)
    {
        var trace = envelope.Trace;
        var notices = envelope.Recipients.Select(recipient =>
            $"{recipient.Notice?.Notify ?? NotifyOn.Unsaid} {recipient.Notice?.OriginalRecipient}".TrimEnd());
        string[] words = [$"{trace.Arrival}", $"{trace.Return}", trace.EnvelopeId ?? "", .. notices];
        return string.Join("; ", trace.AuthIdentity is null ? words : [.. words, trace.AuthIdentity]);
    }

    private static void Set(FixedBook book, List<string> settings)
    {
        book.IsStale = settings.Contains("directory stale");
        book.IsSuspended = settings.Contains("suspended");
        if (settings.Contains("sources by sign-in"))
            book.SourceOf = client => client.Identity is null ? [] : [FixedBook.One];
        book.MessageBytesMax = Number("tenant MessageBytesMax");
        book.MessagesLeft = Number("tenant MessagesLeft") ?? int.MaxValue;

        int? Number(string name) => settings.Find(setting => setting.StartsWith($"{name}=", StringComparison.Ordinal))
            is { } found ? int.Parse(found[(name.Length + 1)..]) : null;
    }

    private static SmtpGatewayOptions Apply(SmtpGatewayOptions options, string setting)
    {
        var parts = setting.Split('=');
        if (parts.Length != 2 || parts[0].StartsWith("tenant ", StringComparison.Ordinal)) return options;
        var value = int.Parse(parts[1]);
        return parts[0] switch
        {
            "ErrorsMax" => options with { ErrorsMax = value },
            "RecipientsMax" => options with { RecipientsMax = value },
            "MessageBytesMax" => options with { MessageBytesMax = value },
            "ConnectionsMax" => options with { ConnectionsMax = value },
            "ConnectionsPerAddressMax" => options with { ConnectionsPerAddressMax = value },
            "IdleSeconds" => options with { IdleSeconds = value },
            "CommandsMax" => options with { CommandsMax = value },
            "BannerDelayMilliseconds" => options with { BannerDelayMilliseconds = value },
            _ => throw new FormatException($"{parts[0]} is no setting of a dialogue"),
        };
    }

    [GeneratedRegex(@"\{([^{}*]+)\*(\d+)\}", RegexOptions.NonBacktracking)]
    private static partial Regex Repeat();
}
