using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>Many connections that cost much and bring nothing, and one sender between them.</summary>
public sealed class CrowdTests(ITestOutputHelper output)
{
    private const int MessagesTimed = 300;

    [Fact]
    public async Task Threat_07_IdleAndSlowOnes_HinderNobody_AndAreSentAway()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await SmtpUnderTest.StartAsync(time: time);
        await using var crowd = await Crowd.GatherAsync(gateway.Ports.ImplicitTls, idle: 90, slow: 10);
        await using var sender = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        for (var i = 0; i < 20; i++) await SendAsync(sender);
        Assert.Equal(20, gateway.Spool.Stored.Count);
        Assert.Equal(101, gateway.Sessions.Count);
        await gateway.UntilWaitingAsync(101);
        time.Advance(TimeSpan.FromSeconds(301));
        await gateway.UntilWaitingAsync(0);
    }

    /// <summary>
    /// AMA_CROWD idle connections and a tenth of it in the middle of a message, on a quiet machine. Needs two file
    /// descriptors for each. By hand, or infra/soak.sh crowd.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task Crowd_CostsAnHonestSenderAtMostTwiceItsTime()
    {
        var idle = int.Parse(Environment.GetEnvironmentVariable("AMA_CROWD") ?? "8000");
        await using var gateway = await SmtpUnderTest.StartAsync(
            options => options with { ConnectionsPerAddressMax = 2 * idle, ConnectionsMax = 2 * idle });
        await using var sender = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await TimeAsync(sender); // warm
        var alone = await TimeAsync(sender);
        await using var crowd = await Crowd.GatherAsync(gateway.Ports.ImplicitTls, 100, 0);
        var (managed, before) = (GC.GetTotalMemory(forceFullCollection: true), ResidentBytes());
        await using var idlers = await Crowd.GatherAsync(gateway.Ports.ImplicitTls, idle, 0);
        var each = (ResidentBytes() - before) / 1024.0 / idle;
        var heap = (GC.GetTotalMemory(forceFullCollection: true) - managed) / 1024.0 / idle;
        await using var slow = await Crowd.GatherAsync(gateway.Ports.ImplicitTls, 0, idle / 10);
        var together = await TimeAsync(sender);
        output.WriteLine(
            $"{idle} idle, {idle / 10} slow: p99 {alone:F2} ms alone, {together:F2} ms among them; {each:F1} KB each,"
            + $" {heap:F1} KB of them managed");
        Assert.InRange(together, 0, Math.Max(2 * alone, 5));
        Assert.InRange(each, 0, 100);
    }

    /// <summary>The p99 in milliseconds from the final dot to the 250.</summary>
    private static async Task<double> TimeAsync(RawClient sender)
    {
        var times = new List<double>();
        for (var i = 0; i < MessagesTimed; i++) times.Add(await SendAsync(sender));
        times.Sort();
        return times[MessagesTimed * 99 / 100];
    }

    private static async Task<double> SendAsync(RawClient sender)
    {
        await sender.AskAsync("MAIL FROM:<a@client.example>", "250");
        await sender.AskAsync("RCPT TO:<journal@one.example>", "250");
        await sender.AskAsync("DATA", "354");
        var start = TimeProvider.System.GetTimestamp();
        await sender.AskAsync("Subject: honest\r\n\r\nbody\r\n.", "250");
        return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
    }

    private static long ResidentBytes()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return Environment.WorkingSet;
    }

    /// <summary>
    /// Clients of which only the sockets are kept: their TLS is thrown away after it has said what it had to say, so
    /// that the memory measured is the server's.
    /// </summary>
    private sealed class Crowd : IAsyncDisposable
    {
        private readonly List<Socket> _sockets = [];

        public static async Task<Crowd> GatherAsync(int port, int idle, int slow)
        {
            var crowd = new Crowd();
            for (var i = 0; i < idle + slow; i++) await crowd.JoinAsync(port, isSlow: i >= idle);
            return crowd;
        }

        private async Task JoinAsync(int port, bool isSlow)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, port);
            var tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true });
            await ReadLineAsync(tls);
            if (!isSlow) return;
            string[] commands =
                ["HELO crowd", "MAIL FROM:<s@client.example>", "RCPT TO:<journal@one.example>", "DATA"];
            foreach (var command in commands)
            {
                await tls.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
                await ReadLineAsync(tls);
            }
            await tls.WriteAsync("Subject: slo"u8.ToArray());
        }

        private static async Task ReadLineAsync(SslStream tls)
        {
            var octet = new byte[1];
            while (await tls.ReadAsync(octet) > 0 && octet[0] != '\n')
            {
            }
        }

        public ValueTask DisposeAsync()
        {
            foreach (var socket in _sockets) socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
