using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using AMA.Tests.Cluster.EndToEnd.World;
using AMA.Tests.Cluster.Identity;
using Xunit;

namespace AMA.Tests.Cluster.Faults;

/// <summary>Two gateways on the same spool stores, and one of them is told to stop while it is busy.</summary>
public sealed class GatewayStopTests : IAsyncLifetime
{
    private const string First = "AMA.Gateway.Smtp";

    private readonly GatewayProcess _process = new();

    private SeparateArchive Archive => _process.Archive;

    private Tenant Tenant => _process.Tenant;

    public ValueTask InitializeAsync() => _process.InitializeAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [Fact]
    public async Task Term_EndsRunningTransactions_Says421_AndTheSecondGatewayGoesOn()
    {
        var second = await Archive.StartSecondSmtpAsync();
        await using var idle = await Client.ConnectAsync(Archive.Doors.StartTlsPort);
        await using var between = await Client.ConnectAsync(Archive.Doors.StartTlsPort);
        await using var middle = await Client.ConnectAsync(Archive.Doors.StartTlsPort);
        await between.AskAsync("MAIL FROM:<a@sender.example>", "250 ");
        await middle.AskAsync("MAIL FROM:<a@sender.example>", "250 ");
        await middle.AskAsync($"RCPT TO:<{Tenant.Journal}>", "250 ");
        await middle.AskAsync("DATA", "354 ");
        await middle.SayAsync("Subject: anfang\r\n\r\n");

        await Archive.TerminateAsync(First);
        await idle.ExpectAsync("421 4.3.2");
        Assert.True(await idle.IsClosedAsync());
        // Stopping has begun: nobody new gets in, and whoever was at work may end it.
        await WaitUntil.TrueAsync("no more connections", () => IsRefused(Archive.Doors.StartTlsPort));
        await middle.SayAsync("ende\r\n.\r\n");
        await middle.ExpectAsync("250 2.0.0 ");
        await middle.ExpectAsync("421 4.3.2");
        await between.AskAsync($"RCPT TO:<{Tenant.Journal}>", "250 ");
        await between.AskAsync("DATA", "354 ");
        await between.SayAsync("Subject: dazwischen\r\n\r\n.\r\n");
        await between.ExpectAsync("250 2.0.0 ");
        await between.ExpectAsync("421 4.3.2");
        Assert.Equal(0, await Archive.ExitCodeAsync(First));

        await using var other = await Client.ConnectAsync(second);
        await other.AskAsync("MAIL FROM:<a@sender.example>", "250 ");
        await other.AskAsync($"RCPT TO:<{Tenant.Journal}>", "250 ");
        await other.AskAsync("DATA", "354 ");
        await other.SayAsync("Subject: danach\r\n\r\n.\r\n");
        await other.ExpectAsync("250 2.0.0 ");
        foreach (var subject in new[] { "anfang", "dazwischen", "danach" }) await Tenant.FindAsync($"subject:{subject}");
        Assert.Equal((4, 0), Counted(await Tenant.Auditor.DrainedAsync(4)));
    }

    private static (long, long) Counted(Counters status) => (status.Archived, status.Quarantined);

    private static bool IsRefused(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>A client that stops wherever it likes.</summary>
    private sealed class Client(TcpClient tcp, SslStream tls, StreamReader replies) : IAsyncDisposable
    {
        public static async Task<Client> ConnectAsync(int port)
        {
            var tcp = new TcpClient("127.0.0.1", port);
            var plain = tcp.GetStream();
            await ReadAsync(plain, "220 ");
            await plain.WriteAsync("EHLO x.example\r\n"u8.ToArray());
            await ReadAsync(plain, "STARTTLS");
            await plain.WriteAsync("STARTTLS\r\n"u8.ToArray());
            await ReadAsync(plain, "220 2.0.0");
            var tls = new SslStream(plain, false, (_, _, _, _) => true);
            await tls.AuthenticateAsClientAsync("localhost");
            var client = new Client(tcp, tls, new StreamReader(tls, Encoding.Latin1));
            await client.AskAsync("EHLO x.example", "250 ");
            return client;
        }

        public Task SayAsync(string text) => tls.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

        public async Task AskAsync(string command, string reply)
        {
            await SayAsync($"{command}\r\n");
            await ExpectAsync(reply);
        }

        public async Task ExpectAsync(string reply)
        {
            using var limit = new CancellationTokenSource(WaitUntil.DeadlineDefault);
            string? line;
            do line = await replies.ReadLineAsync(limit.Token);
            while (line is { Length: > 3 } && line[3] == '-');
            Assert.StartsWith(reply, line);
        }

        public async Task<bool> IsClosedAsync()
        {
            using var limit = new CancellationTokenSource(WaitUntil.DeadlineDefault);
            return await replies.ReadLineAsync(limit.Token) is null;
        }

        public async ValueTask DisposeAsync()
        {
            await tls.DisposeAsync();
            tcp.Dispose();
        }

        private static async Task ReadAsync(NetworkStream plain, string until)
        {
            var text = "";
            var buffer = new byte[4_096];
            while (!text.Contains(until, StringComparison.Ordinal))
            {
                var read = await plain.ReadAsync(buffer);
                Assert.True(read > 0, text);
                text += Encoding.Latin1.GetString(buffer, 0, read);
            }
        }
    }
}
