using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.Clients;

/// <summary>
/// Debian's Postfix as a customer runs it, in folders of its own, on a high port of this machine. Mail for the world is
/// thrown away; what it copies to AMA is sent as docs/journaling.md says.
/// </summary>
internal sealed class Postfix : IAsyncDisposable
{
    /// <summary>All that a journaling server needs besides the page's lines.</summary>
    private const string Master = """
        127.0.0.1:{0} inet n - n - - smtpd
        cleanup   unix  n - n -     0 cleanup
        qmgr      unix  n - n 300   1 qmgr
        tlsmgr    unix  - - n 1000? 1 tlsmgr
        rewrite   unix  - - n -     - trivial-rewrite
        bounce    unix  - - n -     0 bounce
        defer     unix  - - n -     0 bounce
        trace     unix  - - n -     0 bounce
        flush     unix  n - n 1000? 0 flush
        proxymap  unix  - - n -     - proxymap
        anvil     unix  - - n -     1 anvil
        scache    unix  - - n -     1 scache
        showq     unix  n - n -     - showq
        postlog   unix-dgram n - n - 1 postlogd
        discard   unix  - - n -     - discard
        error     unix  - - n -     - error
        retry     unix  - - n -     - error

        """;

    private const string Main = """
        compatibility_level = 3.6
        queue_directory = {0}/queue
        data_directory = {0}/data
        maillog_file = {0}/mail.log
        maillog_file_prefixes = {0}
        myhostname = mail.acme.example
        mydestination =
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        mynetworks = 127.0.0.0/8
        default_transport = discard
        alias_maps =
        smtp_host_lookup = native

        """;

    private readonly TempFolder _folder = new("postfix");
    private Process? _running;

    public int Port { get; } = AMA.Adapters.Hosting.ClusterPorts.PickFree();

    public string Config => _folder.At("conf");

    public string Log => File.Exists(_folder.At("mail.log")) ? File.ReadAllText(_folder.At("mail.log")) : "";

    /// <param name="main">The page's block for main.cf.</param>
    /// <param name="values">What the page's words stand for; "/etc/postfix" is done here.</param>
    public static async Task<Postfix> StartAsync(string main, Dictionary<string, string> values, string authority)
    {
        var postfix = new Postfix();
        values = new(values) { ["/etc/postfix"] = postfix.Config };
        await postfix.ConfigureAsync(main, values);
        await postfix.TrustAsync(authority);
        postfix._running = Tool.Start("postfix", "-c", postfix.Config, "start-fg");
        await WaitUntil.TrueAsync("Postfix", () => postfix._running.HasExited || postfix.Log.Contains("daemon started"));
        Assert.False(postfix._running.HasExited, postfix.Log);
        return postfix;
    }

    /// <summary>From now on these are the authorities that Postfix believes.</summary>
    public Task TrustAsync(string authority) => File.WriteAllTextAsync($"{Config}/ama-ca.pem", authority);

    public async Task ReloadAsync() => (await Tool.RunAsync("postfix", "", "-c", Config, "reload")).Good();

    /// <summary>Hands it a message, which ends with a line's end, as a mail program does, and insists on its 250.</summary>
    public async Task TakeAsync(byte[] message, params string[] recipients)
    {
        using var tcp = new TcpClient("127.0.0.1", Port);
        await using var stream = tcp.GetStream();
        using var replies = new StreamReader(stream, Encoding.Latin1);
        await ExpectAsync(replies, "220");
        string[] commands =
        [
            "EHLO desk.acme.example", "MAIL FROM:<someone@acme.example>", .. recipients.Select(to => $"RCPT TO:<{to}>"),
        ];
        foreach (var command in commands) await SayAsync($"{command}\r\n", "250");
        await SayAsync("DATA\r\n", "354");
        var text = Encoding.Latin1.GetString(message).Replace("\r\n.", "\r\n..");
        await SayAsync($"{text}.\r\n", "250");

        async Task SayAsync(string latin1, string code)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(latin1));
            await ExpectAsync(replies, code);
        }
    }

    private static async Task ExpectAsync(StreamReader replies, string code)
    {
        using var limit = new CancellationTokenSource(WaitUntil.DeadlineDefault);
        string? line;
        do line = await replies.ReadLineAsync(limit.Token);
        while (line is { Length: > 3 } && line[3] == '-');
        Assert.StartsWith(code, line);
    }

    /// <summary>Why each message waits that was tried in vain.</summary>
    public async Task<string[]> DeferredAsync()
    {
        var lines = (await Tool.RunAsync("postqueue", "", "-c", Config, "-j")).Good().Split('\n');
        return
        [
            .. from line in lines
               where line.StartsWith('{')
               let entry = JsonDocument.Parse(line).RootElement
               where entry.GetProperty("queue_name").GetString() == "deferred"
               from recipient in entry.GetProperty("recipients").EnumerateArray()
               select recipient.TryGetProperty("delay_reason", out var reason) ? reason.GetString()! : "",
        ];
    }

    public async Task<bool> IsEmptyAsync() =>
        !(await Tool.RunAsync("postqueue", "", "-c", Config, "-j")).Good().Contains("queue_id");

    /// <summary>An administrator's "try now", repeated until nothing is left.</summary>
    public async Task FlushAsync()
    {
        try
        {
            await WaitUntil.AnswerAsync("an empty queue", async () =>
            {
                await Tool.RunAsync("postqueue", "", "-c", Config, "-f");
                return await IsEmptyAsync();
            }, empty => empty);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; Postfix says:\n{Log}", late);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
        {
            await Tool.RunAsync("postfix", "", "-c", Config, "stop");
            using var limit = new CancellationTokenSource(WaitUntil.DeadlineDefault);
            await _running.WaitForExitAsync(limit.Token);
            _running.Dispose();
        }
        _folder.Dispose();
    }

    private async Task ConfigureAsync(string main, Dictionary<string, string> values)
    {
        foreach (var folder in new[] { "conf", "queue", "data" }) Directory.CreateDirectory(_folder.At(folder));
        // The master is root; what it starts is the user "postfix".
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        (await Tool.RunAsync("chown", "", "postfix", _folder.At("data"))).Good();
        var page = JournalingPage.Read();
        await WriteAsync("master.cf", string.Format(Master, Port) + page.Show("master.cf", values));
        await WriteAsync("main.cf", string.Format(Main, _folder.Path) + page.Show($"main.cf {main}", values));
        foreach (var table in new[] { "ama_transport", "ama_password", "ama_bcc" })
            await WriteAsync(table, page.Show(table, values));
    }

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync($"{Config}/{name}", text);
}
