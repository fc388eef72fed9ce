using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using AMA.Grains.Interfaces.Archive;
using AMA.Tests.Unit.Gateway.Web;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

public sealed class ReconcileTests : IAsyncLifetime
{
    private const string Known = "2htrx4gleq44uh36eys5zt3odiaaaaad";
    private const string Unknown = "2rooi24adroc52q2373dvnslzeaaaaab";

    private readonly CommandUnderTest _ama = new();
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _ama.Variables["AMA_URL"] = _gateway.Http.BaseAddress!.ToString();
        _ama.Variables["AMA_TOKEN"] = Tokens.Session(new Guid(1, 2, 3, new byte[8]));
        _gateway.Clusters.Received.Totals = [new(new(2026, 11, 24), true, 1, 0, 0, 0)];
        _gateway.Clusters.Received.Pieces = [Encoding.UTF8.GetBytes(
            $$"""
            {"format":"ama-reconciliation","version":1}
            {"receipt":"{{Known}}","outcome":"archived","messageId":"there@a.example"}
            {"outcome":"archived","messageId":"report@a.example","journaledId":"wrapped@a.example"}
            {"end":true,"deliveries":1}

            """)];
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _ama.Dispose();
    }

    /// <summary>As Debian's Postfix 3.7 writes them: long and short queue ids, several recipients, a deferral before.</summary>
    private static string Log(params string[] lines) => string.Join('\n', lines) + "\n";

    private static string[] Sent(string id, string messageId, params string[] deliveries) =>
    [
        $"Nov 24 03:04:05 mx postfix/smtpd[811]: {id}: client=localhost[127.0.0.1]",
        $"Nov 24 03:04:05 mx postfix/cleanup[812]: {id}: message-id=<{messageId}>",
        $"Nov 24 03:04:05 mx postfix/qmgr[700]: {id}: from=<ada@a.example>, size=420, nrcpt=2 (queue active)",
        .. deliveries.Select(said => $"Nov 24 03:04:06 mx postfix/smtp[813]: {id}: {said}"),
        $"Nov 24 03:04:06 mx postfix/qmgr[700]: {id}: removed",
    ];

    private static string To(string relay, string status, string said, string dsn = "2.0.0") =>
        $"to=<journal@acme.example>, relay={relay}, delay=0.31, delays=0.02/0.01/0.2/0.08, dsn={dsn}, status={status} ({said})";

    private const string Ama = "ama.example[192.0.2.7]:25";
    private const string Local = "to=<bob@a.example>, relay=local, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (delivered to maildir)";

    [Fact]
    public async Task EverythingThere_Exits0()
    {
        var log = Log([
            "Nov 24 03:04:05 mx postfix/postscreen[1]: CONNECT from [192.0.2.1]:1 to [192.0.2.2]:25", "garbage", "",
            .. Sent("4gRzFm05YzKz3j1", "one@a.example", Local,
                To(Ama, "deferred", "connect to ama.example[192.0.2.7]:25: Connection refused", "4.4.1"),
                To(Ama, "sent", $"250 2.0.0 {Known}")),
            .. Sent("8D1F2203A1", "there@a.example", To(Ama, "sent", "250 2.0.0 Ok: queued as 12345"))]);
        Assert.Equal(0, await RunAsync(log));
        Assert.Equal("2 messages in the log: 2 there, 0 missing\n", _ama.Out);
    }

    [Fact]
    public async Task EachMissingMessage_IsNamedWithItsReason()
    {
        var log = Log([
            .. Sent("4gRzFm05YzKz3j1", "unknown@a.example", To(Ama, "sent", $"250 2.0.0 {Unknown}")),
            .. Sent("4gRzFm05YzKz3j2", "deferred@a.example",
                To("none", "deferred", "connect to ama.example[192.0.2.7]:25: Connection timed out", "4.4.1"))[..4],
            .. Sent("4gRzFm05YzKz3j3", "bounced@a.example",
                To(Ama, "bounced", "host ama.example[192.0.2.7] said: 550 5.7.1 You are no source", "5.7.1")),
            .. Sent("4gRzFm05YzKz3j4", "never@a.example", Local),
            .. Sent("4gRzFm05YzKz3j5", "quiet@a.example"),
            "2026-11-24T03:04:06.123456+01:00 mx postfix/cleanup[812]: 4gRzFm05YzKz3j6: message-id=<late@a.example>",
            "2026-11-24T03:04:06.123456+01:00 mx postfix/qmgr[7]: 4gRzFm05YzKz3j6: from=<a@a.example>, status=expired, returned to sender",
            "2026-11-24T03:04:06.123456+01:00 mx postfix/qmgr[7]: 4gRzFm05YzKz3j6: removed"]);
        Assert.Equal(1, await RunAsync(log));
        string[] expected =
        [
            $"4gRzFm05YzKz3j1  <unknown@a.example>  sent with receipt {Unknown}, which the archive doesn't know",
            "4gRzFm05YzKz3j3  <bounced@a.example>  bounced (host ama.example[192.0.2.7] said: 550 5.7.1",
            "4gRzFm05YzKz3j4  <never@a.example>  sent to another server only",
            "4gRzFm05YzKz3j5  <quiet@a.example>  never left for the archive",
            "02:04:06Z  4gRzFm05YzKz3j6  <late@a.example>  expired in the queue",
            "4gRzFm05YzKz3j2  <deferred@a.example>  deferred (connect to ama.example",
            "6 messages in the log: 0 there, 6 missing",
        ];
        foreach (var (line, wanted) in _ama.Out.TrimEnd('\n').Split('\n').Zip(expected)) Assert.Contains(wanted, line);
        Assert.Equal(expected.Length, _ama.Out.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public async Task ReceiptOutsideOfTheDays_IsAskedForByItself_AndAQuarantinedOneIsMissing()
    {
        var log = Log(Sent("4gRzFm05YzKz3j1", "x@a.example", To(Ama, "sent", $"250 2.0.0 {Unknown}")));
        _gateway.Clusters.Received.Known = new() { State = ReceiptState.Accepted };
        Assert.Equal(0, await RunAsync(log));
        _gateway.Clusters.Received.Known = new() { State = ReceiptState.Quarantined, Reason = "Signature" };
        Assert.Equal(1, await RunAsync(log));
        Assert.Contains($"accepted, but quarantined: ama receipt {Unknown}", _ama.Out);
    }

    [Fact]
    public async Task NamedRelay_OnlyItsDeliveriesCount_AndOtherDaysAreLeftOut()
    {
        var log = Log([
            .. Sent("4gRzFm05YzKz3j1", "one@a.example", To("mail.example[192.0.2.9]:25", "sent", $"250 2.0.0 {Unknown}")),
            .. Sent("4gRzFm05YzKz3j2", "two@a.example", To(Ama, "sent", $"250 2.0.0 {Known}"))]);
        Assert.Equal(1, await RunAsync(log, "--relay", "ama.example", "--json"));
        var json = JsonNode.Parse(_ama.Out)!;
        Assert.Equal((2, 1), ((int)json["messages"]!, (int)json["there"]!));
        Assert.Equal("4gRzFm05YzKz3j1", (string)json["missing"]![0]!["queueId"]!);
        Assert.Equal(0, await RunAsync(log, "--day", "2026-11-23"));
        Assert.StartsWith("0 messages", _ama.Out);
    }

    [Fact]
    public async Task GzippedAndRotated_AreReadAsOne()
    {
        var lines = Sent("4gRzFm05YzKz3j1", "one@a.example", To(Ama, "sent", $"250 2.0.0 {Known}"));
        var older = Path.Combine(_ama.Folder, "mail.log.1.gz");
        await using (var gzip = new GZipStream(File.Create(older), CompressionMode.Compress))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Log(lines[..2])));
        var newer = _ama.WriteFile("mail.log", Log(lines[2..]));
        Assert.Equal(0, await _ama.RunAsync("reconcile", "--postfix-log", older, newer));
        Assert.StartsWith("1 messages in the log: 1 there", _ama.Out);
    }

    [Theory]
    [InlineData("Received,Sender Address,Recipient Address,Subject,Status,To IP,From IP,Size,Message ID,Message Trace ID",
        "11/24/2026 3:04:05 AM,a@a.example,b@a.example,\"a, \"\"b\"\"\nc\",{1},,,1,<{0}>,1")]
    [InlineData("origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,network_message_id",
        "2026-11-24T03:04:05.1234567Z,a@a.example,b@a.example##{1},s,1,<{0}>,2")]
    public async Task ExchangeTrace_OfBothKinds_InUtf16Too(string header, string row)
    {
        var text = string.Join("\r\n", header, string.Format(row, "there@a.example", "Delivered"),
            string.Format(row, "wrapped@a.example", "Delivered"),
            string.Format(row, "gone@a.example", "Delivered"), string.Format(row, "gone@a.example", "Delivered"),
            string.Format(row, "stuck@a.example", "Failed"), "");
        foreach (var encoding in (Encoding[])[new UTF8Encoding(true), Encoding.Unicode])
        {
            var file = Path.Combine(_ama.Folder, "trace.csv");
            File.WriteAllText(file, text, encoding);
            Assert.Equal(1, await _ama.RunAsync("reconcile", "--exchange-csv", file));
            Assert.Contains("<gone@a.example>  delivered, but the archive got no report of it", _ama.Out);
            Assert.Contains("<stuck@a.example>  bounced", _ama.Out);
            Assert.Contains("4 messages in the log: 2 there, 2 missing", _ama.Out);
        }
    }

    [Fact]
    public async Task WhatCannotBeCompared_IsNeither0Nor1()
    {
        Assert.Equal(2, await _ama.RunAsync("reconcile"));
        Assert.Equal(2, await _ama.RunAsync("reconcile", "--postfix-log", Path.Combine(_ama.Folder, "none")));
        Assert.Equal(2, await _ama.RunAsync("reconcile", "--exchange-csv", _ama.WriteFile("no.csv", "a,b\n1,2\n")));
        var log = Log(Sent("4gRzFm05YzKz3j1", "x@a.example", To(Ama, "sent", $"250 2.0.0 {Known}")));
        _gateway.Clusters.Received.Pieces = [Encoding.UTF8.GetBytes("{\"format\":\"ama-reconciliation\"}\n")];
        Assert.Equal(4, await RunAsync(log));
        Assert.Contains("broke off", _ama.Error);
        _ama.Variables.Remove("AMA_TOKEN");
        Assert.Equal(3, await RunAsync(log));
    }

    private Task<int> RunAsync(string log, params string[] more) =>
        _ama.RunAsync(["reconcile", "--postfix-log", _ama.WriteFile("mail.log", log), .. more]);
}
