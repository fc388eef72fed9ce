using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using AMA.Tests.Bench.Accept;

namespace AMA.Tests.Bench.Crowd;

/// <summary>
/// One honest sender, alone and among many connections that do nothing or stop in the middle of a message; and what
/// each of those costs the gateway, which is a process of its own.
/// </summary>
internal sealed class CrowdRun(TextWriter output, TimeProvider time) : IAsyncDisposable
{
    public const string Verb = "crowd";

    private const int Idle = 10_000;
    private const int Slow = 1_000;
    private const int Timed = 2_000;

    /// <summary>One address has some 28,000 ports, and meets the limit of connections per address.</summary>
    private const int PerAddress = 500;

    private readonly List<Socket> _sockets = [];

    public async Task RunAsync()
    {
        await using var archive = await ParkedArchive.StartAsync(
            Path.GetTempPath(), $"--AMA:Smtp:ConnectionsMax={2 * Idle}");
        using var sender = await JoinAsync(archive);
        await SignInAsync(sender, archive.SignIn);
        await TimeAsync(sender); // warm
        var (p50, p99) = await TimeAsync(sender);
        var before = Resident(archive.GatewayId);
        for (var i = 0; i < Idle; i++) (await JoinAsync(archive)).Dispose();
        var each = (Resident(archive.GatewayId) - before) / (double)Idle;
        for (var i = 0; i < Slow; i++) await StopInTheMiddleAsync(archive);
        var (among50, among99) = await TimeAsync(sender);
        await output.WriteLineAsync("| idle | slow | p50, p99 of the 250 alone | among them | an idle one's memory |");
        await output.WriteLineAsync("| --- | --- | --- | --- | --- |");
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"| {Idle} | {Slow} | {p50:F1}, {p99:F1} ms | {among50:F1}, {among99:F1} ms | {each:F0} KB |"));
    }

    public ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets) socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task StopInTheMiddleAsync(ParkedArchive archive)
    {
        using var tls = await JoinAsync(archive);
        await SignInAsync(tls, archive.SignIn);
        await BeginMessageAsync(tls);
        await tls.WriteAsync("Subject: slo"u8.ToArray());
    }

    /// <summary>The connection stays when its TLS is disposed of: it is the server's memory that counts.</summary>
    private async Task<SslStream> JoinAsync(ParkedArchive archive)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Parse($"127.0.1.{1 + _sockets.Count / PerAddress}"), 0));
        await socket.ConnectAsync(IPAddress.Loopback, archive.TlsPort);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: false), leaveInnerStreamOpen: true);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true });
        await ReplyAsync(tls, "220");
        return tls;
    }

    private async Task<(double P50, double P99)> TimeAsync(SslStream sender)
    {
        var times = new List<double>();
        for (var i = 0; i < Timed; i++)
        {
            await BeginMessageAsync(sender);
            var start = time.GetTimestamp();
            await AskAsync(sender, "Subject: honest\r\n\r\nbody\r\n.", "250");
            times.Add(time.GetElapsedTime(start).TotalMilliseconds);
        }
        times.Sort();
        return (times[Timed / 2], times[Timed * 99 / 100]);
    }

    private static async Task SignInAsync(SslStream tls, string signIn)
    {
        await AskAsync(tls, "EHLO crowd.example", "250 ");
        var colon = signIn.IndexOf(':');
        var plain = Encoding.ASCII.GetBytes($"\0{signIn[..colon]}\0{signIn[(colon + 1)..]}");
        await AskAsync(tls, $"AUTH PLAIN {Convert.ToBase64String(plain)}", "235");
    }

    private static async Task BeginMessageAsync(SslStream tls)
    {
        await AskAsync(tls, "MAIL FROM:<a@client.example>", "250");
        await AskAsync(tls, $"RCPT TO:<{ParkedArchive.Journal}>", "250");
        await AskAsync(tls, "DATA", "354");
    }

    private static async Task AskAsync(SslStream tls, string command, string reply)
    {
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"));
        await ReplyAsync(tls, reply);
    }

    /// <summary>Reads until the line that begins with <paramref name="code"/> is there.</summary>
    private static async Task ReplyAsync(SslStream tls, string code)
    {
        var buffer = new byte[4_096];
        var text = "";
        while (!text.EndsWith("\r\n", StringComparison.Ordinal)
            || !$"\n{text}".Contains($"\n{code}", StringComparison.Ordinal))
        {
            var count = await tls.ReadAsync(buffer);
            text += Encoding.ASCII.GetString(buffer, 0, count);
            if (count == 0 || text[0] is '4' or '5') throw new IOException($"not {code}: {text}");
        }
    }

    /// <summary>In KB.</summary>
    private static long Resident(int processId) => File.ReadLines($"/proc/{processId}/status")
        .Where(line => line.StartsWith("VmRSS", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])).Single();
}
