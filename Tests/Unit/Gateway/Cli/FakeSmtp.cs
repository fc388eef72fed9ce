using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace AMA.Tests.Unit.Gateway.Cli;

/// <summary>
/// An SMTP server with implicit TLS on a free loopback port that keeps what it gets. <see cref="Reply"/> decides what
/// the end of a message is answered with: null cuts the connection instead.
/// </summary>
internal sealed class FakeSmtp : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate = NewCertificate();
    private readonly List<byte[]> _messages = [];
    private readonly List<Task> _sessions = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public FakeSmtp()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>From the number of messages so far, the one in question included.</summary>
    public Func<int, string?> Reply { get; set; } = number => $"250 2.0.0 receipt-{number}";

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
    public string Fingerprint => _certificate.GetCertHashString(HashAlgorithmName.SHA256);

    public byte[][] Messages
    {
        get { lock (_messages) return [.. _messages]; }
    }

    public static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var from = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return request.CreateSelfSigned(from, from.AddYears(100));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_sessions).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _certificate.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true) _sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(new() { ServerCertificate = _certificate }, _stop.Token);
        using var lines = new StreamReader(tls, Encoding.Latin1);
        await SayAsync(tls, "220 fake");
        while (await lines.ReadLineAsync(_stop.Token) is { } line)
        {
            var answer = line.Split(' ', ':')[0].ToUpperInvariant() switch
            {
                "EHLO" => "250-fake\r\n250 PIPELINING",
                "DATA" => "354 go",
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            await SayAsync(tls, answer);
            if (answer.StartsWith("354") && !await TakeAsync(tls, lines)) return;
        }
    }

    private async Task<bool> TakeAsync(Stream tls, StreamReader lines)
    {
        var message = new StringBuilder();
        for (string? line; (line = await lines.ReadLineAsync(_stop.Token)) is not "." and not null;)
            message.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        int number;
        lock (_messages)
        {
            _messages.Add(Encoding.Latin1.GetBytes(message.ToString()));
            number = _messages.Count;
        }
        if (Reply(number) is not { } reply) return false;
        await SayAsync(tls, reply);
        return true;
    }

    private async Task SayAsync(Stream tls, string line)
    {
        await tls.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"), _stop.Token);
        await tls.FlushAsync(_stop.Token);
    }
}
