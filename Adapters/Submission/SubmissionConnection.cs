using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace AMA.Adapters.Submission;

/// <summary>Socket, TLS, lines out and replies in.</summary>
internal sealed class SubmissionConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private Stream _stream;
    private ReplyReader _replies;

    private SubmissionConnection(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: false);
        (Output, _replies) = Over(_stream);
    }

    /// <summary>What is written here goes out with the next flush.</summary>
    public PipeWriter Output { get; private set; }

    public static async Task<SubmissionConnection> OpenAsync(SubmissionTarget target, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target.Host, target.Port, cancel);
            return new SubmissionConnection(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new SubmissionException($"can't connect to {target.Host}:{target.Port}", inner: e);
        }
    }

    public void Write(string command)
    {
        Encoding.UTF8.GetBytes(command, Output);
        Output.Advance(Encoding.ASCII.GetBytes("\r\n", Output.GetSpan(2)));
    }

    public async Task FlushAsync(CancellationToken cancel)
    {
        await Output.FlushAsync(cancel);
    }

    public async Task<SmtpReply> ReplyAsync(TimeSpan within, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(within);
        try
        {
            return await _replies.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new SubmissionException($"no reply within {within.TotalSeconds:0} s");
        }
    }

    public async Task<SmtpReply> AskAsync(string command, TimeSpan within, CancellationToken cancel)
    {
        Write(command);
        await FlushAsync(cancel);
        return await ReplyAsync(within, cancel);
    }

    /// <summary>The handshake; from here on all is inside TLS.</summary>
    public async Task SecureAsync(SubmissionTarget target, CancellationToken cancel)
    {
        if (_replies.HasMore()) throw new SubmissionException("the server talks into the TLS handshake");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(target.ReplyTimeMax);
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(Options(target), limit.Token);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            await tls.DisposeAsync();
            cancel.ThrowIfCancellationRequested();
            throw new SubmissionException($"no trusted TLS with {target.Host}", inner: e);
        }
        _stream = tls;
        (Output, _replies) = Over(tls);
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private static (PipeWriter, ReplyReader) Over(Stream stream) => (
        PipeWriter.Create(stream, new(minimumBufferSize: 16 * 1024, leaveOpen: true)),
        new ReplyReader(PipeReader.Create(stream, new(leaveOpen: true))));

    private static SslClientAuthenticationOptions Options(SubmissionTarget target) => new()
    {
        TargetHost = target.Host,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = target.Trust.ChainPolicy(),
        RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            certificate is X509Certificate2 shown && target.Trust.Decide(shown) is { } decided
                ? decided
                : errors == SslPolicyErrors.None,
    };
}
