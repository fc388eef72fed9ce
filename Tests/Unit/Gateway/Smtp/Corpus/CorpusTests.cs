using System.Net;
using System.Text;
using AMA.Gateway.Smtp.Protocol;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp.Corpus;

/// <summary>Other servers' dialogues and fuzz inputs through the real listener.</summary>
public sealed class CorpusTests
{
    private static readonly string Folder = Path.Combine(TestTree.Corpus, "smtp", "chasquid");

    /// <summary>Where we answer otherwise, file by file: their code, ours.</summary>
    private static readonly Dictionary<string, Dictionary<string, string>> Differences = new()
    {
        ["auth_multi_dialog.cmy"] = new() { ["534"] = "504" }, // RFC 4954 §4 wants 504 for an unknown mechanism
        ["auth_not_tls.cmy"] = new() { ["503"] = "530" },
        ["bad_data.cmy"] = new() { ["554"] = "250" }, // what is in a message is never a reason
        ["bad_data_dot.cmy"] = new() { ["521"] = "250" }, // a bare LF is content and ends nothing
        ["bad_data_dot_2.cmy"] = new() { ["521"] = "250" },
        ["bad_data_dot_on_message_too_big.cmy"] = new() { ["521"] = "552" },
        ["bad_mail_from.cmy"] = new() { ["500"] = "501" }, // MAIL is a command, what stands behind it isn't a path
        ["bad_rcpt_to.cmy"] = new() { ["500"] = "501", ["550"] = "553" },
        ["line_too_long.cmy"] = new() { ["554"] = "500" },
        ["wrong_proto.cmy"] = new() { ["502"] = "500" },
    };

    [Fact, Trait("Needs", "Corpus")]
    public async Task Dialogues_OfChasquid_GoAsWritten()
    {
        Assert.SkipUnless(Directory.Exists(Folder), "no corpus here");
        var scripts = Directory.GetFiles(Path.Combine(Folder, "test"), "*.cmy", SearchOption.AllDirectories);
        Assert.InRange(scripts.Length, 15, 1_000);
        await using var gateway = await StartAsync();
        foreach (var script in scripts.Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(script);
            try
            {
                await CmyScript.PlayAsync(
                    File.ReadAllText(script), gateway, Differences.GetValueOrDefault(name, []),
                    inTheClear: name == "auth_not_tls.cmy");
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"{name}: {fault.Message}", fault);
            }
        }
    }

    [Fact, Trait("Needs", "Corpus")]
    public async Task Connections_OfChasquidsFuzzer_GetReplies_AndNothingBreaks()
    {
        Assert.SkipUnless(Directory.Exists(Folder), "no corpus here");
        var inputs = Inputs("internal/smtpsrv/testdata/fuzz/FuzzConnection").ToList();
        Assert.InRange(inputs.Count, 10, 10_000);
        await using var gateway = await StartAsync();
        foreach (var input in inputs)
        {
            var withCrs = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(input).Replace("\n", "\r\n"));
            await TalkAsync(gateway, input, byLine: false);
            await TalkAsync(gateway, withCrs, byLine: false);
            await TalkAsync(gateway, withCrs, byLine: true);
        }
        Assert.Equal(0, gateway.Sessions.Count);
    }

    [Fact, Trait("Needs", "Corpus")]
    public void Responses_OfChasquidsFuzzer_AreNoCredentials()
    {
        Assert.SkipUnless(Directory.Exists(Folder), "no corpus here");
        var count = 0;
        foreach (var input in Inputs("internal/auth/testdata/fuzz/FuzzDecodeResponse"))
        {
            var conversation = new SmtpConversation(new("x", 1_000, 100, 100), new FixedBook(), IPAddress.Loopback, new ChasquidsSecret());
            conversation.Secured();
            conversation.Take("EHLO x"u8);
            conversation.Take("AUTH PLAIN"u8);
            Assert.Contains(conversation.Take(input).Reply.Code, new[] { 501, 535 });
            count++;
        }
        Assert.InRange(count, 5, 10_000);
    }

    [Fact, Trait("Needs", "Corpus")]
    public void Threat_10_Addresses_OfChasquidsFuzzer_AreReadOrRefused()
    {
        Assert.SkipUnless(Directory.Exists(Folder), "no corpus here");
        var count = 0;
        foreach (var kind in new[] { "FuzzAddr", "FuzzUser", "FuzzDomain", "FuzzDomainToUnicode" })
        foreach (var input in Inputs("internal/normalize/testdata/fuzz/" + kind))
        {
            byte[] path = kind == "FuzzAddr" ? [.. "<"u8, .. input, .. ">"u8]
                : kind == "FuzzUser" ? [.. "<"u8, .. input, .. "@x.example>"u8]
                : [.. "<a@"u8, .. input, .. ">"u8];
            if (PathParser.Parse(path, out var read, out _) == PathFault.None) Assert.NotNull(read.Key);
            count++;
        }
        Assert.InRange(count, 10, 10_000);
    }

    /// <summary>What the two tests above give to the parsers, in the places where a client could say it.</summary>
    [Fact, Trait("Needs", "Corpus")]
    public async Task Threat_10_InputsOfChasquidsFuzzers_ThroughTheListener_GetReplies()
    {
        Assert.SkipUnless(Directory.Exists(Folder), "no corpus here");
        await using var gateway = await StartAsync();
        foreach (var input in Inputs("internal/auth/testdata/fuzz/FuzzDecodeResponse"))
            await TalkAsync(gateway, [.. "EHLO x\r\nAUTH PLAIN\r\n"u8, .. input], byLine: true);
        foreach (var kind in new[] { "FuzzAddr", "FuzzUser", "FuzzDomain", "FuzzDomainToUnicode" })
        foreach (var input in Inputs("internal/normalize/testdata/fuzz/" + kind))
        {
            byte[] path = kind == "FuzzAddr" ? input
                : kind == "FuzzUser" ? [.. input, .. "@x.example"u8] : [.. "a@"u8, .. input];
            await TalkAsync(
                gateway, [.. "EHLO x\r\nMAIL FROM:<"u8, .. path, .. "> SMTPUTF8"u8], byLine: true);
            await TalkAsync(
                gateway, [.. "EHLO x\r\nMAIL FROM:<> SMTPUTF8\r\nRCPT TO:<"u8, .. path, .. ">"u8], byLine: true);
        }
        Assert.Empty(gateway.Spool.Stored);
    }

    [Fact, Trait("Needs", "Corpus")]
    public async Task Messages_OfChasquidsTests_AreStoredAsTheyCame()
    {
        Assert.SkipUnless(Directory.Exists(Folder), "no corpus here");
        var files = Directory.GetFiles(Folder, "*.msg", SearchOption.AllDirectories);
        Assert.InRange(files.Length, 5, 1_000);
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        foreach (var file in files)
        {
            var message = File.ReadAllBytes(file);
            await client.AskAsync("MAIL FROM:<a@client.example>", "250");
            await client.AskAsync("RCPT TO:<journal@one.example>", "250");
            await client.SendAsync($"BDAT {message.Length} LAST\r\n");
            await client.SendAsync(message);
            await client.ExpectAsync("250 2.0.0 ");
            Assert.Equal(message, gateway.Spool.Stored[^1].Raw);
        }
    }

    private static Task<SmtpUnderTest> StartAsync() => SmtpUnderTest.StartAsync(
        options => options with { ErrorsMax = 2, MessageBytesMax = 1 << 20 }, credentials: new ChasquidsSecret());

    private static IEnumerable<byte[]> Inputs(string folder) =>
        Directory.GetFiles(Path.Combine(Folder, folder)).Order(StringComparer.Ordinal).SelectMany(GoText.Values);

    /// <summary>Whatever it is, it gets well-formed replies, none of them about a fault of ours.</summary>
    private static async Task TalkAsync(SmtpUnderTest gateway, byte[] input, bool byLine)
    {
        await using (var client = await RawClient.ConnectAsync(gateway.Ports.ImplicitTls, implicitTls: true))
        {
            await client.ExpectAsync("220");
            try
            {
                await SendAsync(client, gateway, input, byLine);
                await client.SendAsync("\r\n.\r\nRSET\r\nQUIT\r\n");
            }
            catch (IOException)
            {
                // Sent away before the end: the replies say why.
            }
            while (await client.ReadLineAsync() is { } line)
            {
                Assert.Matches("^[2345][0-9]{2}[ -]", line);
                Assert.DoesNotContain("4.3.0", line);
            }
        }
        await gateway.UntilWaitingAsync(0);
    }

    private static async Task SendAsync(RawClient client, SmtpUnderTest gateway, byte[] input, bool byLine)
    {
        if (!byLine)
        {
            await client.SendAsync(input);
            return;
        }
        foreach (var line in Encoding.Latin1.GetString(input).Split("\r\n"))
        {
            await client.SendAsync(line + "\r\n");
            if (!await gateway.WaitsOrIsEmptyAsync()) return;
        }
    }

    private sealed class ChasquidsSecret : ISourceCredentials
    {
        public CredentialVerdict Check(string user, ReadOnlySpan<byte> secret) =>
            user == "user@testserver" && secret.SequenceEqual("secretpassword"u8)
                ? CredentialVerdict.Good
                : CredentialVerdict.Wrong;
    }
}
