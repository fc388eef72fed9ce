using System.Net.Security;
using System.Net.Sockets;
using System.Net;
using System.Text;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>Sends exactly the octets it is given and reads reply lines. Every wait ends, after a time that only a failure takes.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(120);
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly byte[] _one = new byte[1];
    private Stream _stream = Stream.Null;

    public static async Task<RawClient> ConnectAsync(int port, bool implicitTls = false)
    {
        var client = new RawClient();
        await client._tcp.ConnectAsync(IPAddress.Loopback, port);
        client._stream = client._tcp.GetStream();
        if (implicitTls) await client.SecureAsync();
        return client;
    }

    /// <summary>Through banner, STARTTLS and EHLO.</summary>
    public static async Task<RawClient> GreetedAsync(int port)
    {
        var client = await ConnectAsync(port);
        await client.ExpectAsync("220 ");
        await client.AskAsync("STARTTLS", "220 ");
        await client.SecureAsync();
        await client.AskAsync("EHLO client.example", "250 ");
        return client;
    }

    public async Task SecureAsync(Action<SslClientAuthenticationOptions>? change = null)
    {
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        using var limit = new CancellationTokenSource(WaitMax);
        var anybody = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true };
        change?.Invoke(anybody);
        await tls.AuthenticateAsClientAsync(anybody, limit.Token);
        _stream = tls;
    }

    public Task SendAsync(string latin1) => SendAsync(Encoding.Latin1.GetBytes(latin1));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var limit = new CancellationTokenSource(WaitMax);
        await _stream.WriteAsync(bytes, limit.Token);
        await _stream.FlushAsync(limit.Token);
    }

    /// <summary>One line without CRLF; null: the server has closed.</summary>
    public async Task<string?> ReadLineAsync()
    {
        using var limit = new CancellationTokenSource(WaitMax);
        var line = new StringBuilder();
        while (true)
        {
            int read;
            try
            {
                read = await _stream.ReadAsync(_one, limit.Token);
            }
            catch (IOException)
            {
                return null; // reset: closed, only less politely
            }
            if (read == 0) return null;
            if (_one[0] == '\n') return line.ToString().TrimEnd('\r');
            line.Append((char)_one[0]);
        }
    }

    /// <summary>Reads a whole reply and checks how its last line begins.</summary>
    public async Task<string> ExpectAsync(string prefix)
    {
        string? line;
        do line = await ReadLineAsync();
        while (line is not null && line.Length > 3 && line[3] == '-');
        Assert.StartsWith(prefix, line ?? "[closed]");
        return line!;
    }

    public async Task<string> AskAsync(string command, string prefix)
    {
        await SendAsync(command + "\r\n");
        return await ExpectAsync(prefix);
    }

    public async Task ExpectClosedAsync() => Assert.Null(await ReadLineAsync());

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }
}
