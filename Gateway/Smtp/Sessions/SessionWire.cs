using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using AMA.Gateway.Smtp.Protocol;
using Microsoft.AspNetCore.Connections;

namespace AMA.Gateway.Smtp.Sessions;

/// <summary>How long a session waits for its client.</summary>
internal sealed record WireLimits(TimeSpan Idle, TimeSpan Handshake);

/// <summary>
/// The session's line to its client, in the clear or inside TLS. Replies collect until we would have to wait for the
/// client: then they go out together, which is what makes PIPELINING fast.
/// </summary>
internal sealed class SessionWire(ConnectionContext connection, WireLimits limits, TimeProvider time) : IAsyncDisposable
{
    /// <summary>One TLS record; larger reads don't exist.</summary>
    private const int ReadBytes = 16 * 1024;

    private readonly SessionClock _clock = new(time);
    private PipeReader _input = connection.Transport.Input;
    private PipeWriter _output = connection.Transport.Output;
    private SslStream? _tls;
    private bool _unsent;
    private volatile bool _idle;
    private volatile bool _stopping;

    public string ClientAddress { get; } = (connection.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "";

    /// <summary>"TLSv1.3"; empty in the clear.</summary>
    public string TlsProtocol => _tls is null ? "" : _tls.SslProtocol switch
    {
        SslProtocols.Tls13 => "TLSv1.3",
        SslProtocols.Tls12 => "TLSv1.2",
        var other => other.ToString(),
    };

    public string TlsCipher => _tls is null ? "" : _tls.NegotiatedCipherSuite.ToString();

    public void Write(SmtpReply reply)
    {
        reply.Bytes.CopyTo(_output.GetSpan(reply.Bytes.Length));
        _output.Advance(reply.Bytes.Length);
        _unsent = true;
    }

    public async ValueTask FlushAsync()
    {
        if (!_unsent) return;
        _unsent = false;
        _clock.WaitAtMost(limits.Idle);
        var result = await _output.FlushAsync();
        _clock.Rest();
        if (result.IsCompleted) throw new IOException("the client has closed the connection");
    }

    /// <summary>
    /// The next command line, or why there is none. <paramref name="mayStop"/>: nothing is under way.
    /// </summary>
    public async ValueTask<InputLine> ReadLineAsync(bool mayStop)
    {
        while (true)
        {
            if (_stopping && mayStop) return InputLine.Of(InputKind.Stopping);
            var result = await ReadAsync();
            var buffer = result.Buffer;
            var line = InputLine.Take(ref buffer);
            _input.AdvanceTo(buffer.Start, line is null ? buffer.End : buffer.Start);
            if (line is { } found) return found;
            if (_idle) return InputLine.Of(InputKind.Idle);
            if (result.IsCompleted) return InputLine.Of(InputKind.Gone);
        }
    }

    /// <summary>
    /// What is there, waiting for the client only if nothing is. <see cref="AdvanceTo"/> must follow.
    /// </summary>
    public async ValueTask<ReadResult> ReadAsync()
    {
        if (_input.TryRead(out var ready)) return ready;
        await FlushAsync();
        _clock.WaitAtMost(limits.Idle);
        var result = await _input.ReadAsync();
        _clock.Rest();
        return result;
    }

    public void AdvanceTo(SequencePosition consumed) => _input.AdvanceTo(consumed);

    /// <summary>The client has been silent for too long; what it left unfinished stays unfinished.</summary>
    public bool IsIdle => _idle;

    /// <summary>Octets are here that nobody has read.</summary>
    public bool HasUnread()
    {
        if (!_input.TryRead(out var result)) return false;
        var any = !result.Buffer.IsEmpty;
        _input.AdvanceTo(result.Buffer.Start);
        return any;
    }

    /// <summary>The handshake; from here on all is inside TLS. Throws <see cref="AuthenticationException"/>.</summary>
    public async Task SecureAsync(SslServerAuthenticationOptions options)
    {
        await FlushAsync();
        _tls = new SslStream(new TransportStream(connection.Transport), leaveInnerStreamOpen: true);
        _clock.WaitAtMost(limits.Handshake);
        await _tls.AuthenticateAsServerAsync(options);
        _clock.Rest();
        _input = PipeReader.Create(_tls, new(bufferSize: ReadBytes, leaveOpen: true, useZeroByteReads: true));
        _output = PipeWriter.Create(_tls, new(leaveOpen: true));
    }

    /// <summary>Nothing of ours is under way: the client is to act.</summary>
    public bool IsWaiting => _clock.Overdue() != TimeSpan.MinValue;

    /// <summary>Asks the session to end as soon as nothing is under way.</summary>
    public void Stop()
    {
        _stopping = true;
        _input.CancelPendingRead();
    }

    /// <summary>Ends a wait that has lasted too long: kindly, then by force.</summary>
    public void Sweep()
    {
        var overdue = _clock.Overdue();
        if (overdue < TimeSpan.Zero) return;
        var isHandshake = _tls is { IsAuthenticated: false };
        if (isHandshake || (_idle && overdue > limits.Handshake))
        {
            connection.Abort(new ConnectionAbortedException("the client has been silent for too long"));
            return;
        }
        _idle = true;
        _input.CancelPendingRead();
    }

    public async ValueTask DisposeAsync()
    {
        if (_tls is null) return;
        _clock.WaitAtMost(limits.Handshake);
        try
        {
            if (_tls.IsAuthenticated) await _tls.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Gone already: there is nobody to say close_notify to.
        }
        // Gives pooled buffers back; with a fault, or what was not sent would be sent here, blocking a thread.
        _output.Complete(new IOException("the session is over"));
        _input.Complete();
        await _tls.DisposeAsync();
        _clock.Rest();
    }
}
