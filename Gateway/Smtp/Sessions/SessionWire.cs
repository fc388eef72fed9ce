using AMA.Adapters.Hosting.Tls;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using AMA.Gateway.Smtp.Metering;
using AMA.Gateway.Smtp.Protocol;
using Microsoft.AspNetCore.Connections;

namespace AMA.Gateway.Smtp.Sessions;

/// <summary>
/// The session's line to its client, in the clear or inside TLS. Replies collect until we would have to wait for the
/// client: then they go out together, which is what makes PIPELINING fast.
/// </summary>
internal sealed class SessionWire(
    ConnectionContext connection, WireLimits limits, TimeProvider time, SmtpMeters meters) : IAsyncDisposable
{
    /// <summary>One TLS record; larger reads don't exist.</summary>
    private const int ReadBytes = 16 * 1024;

    private readonly SessionClock _clock = new(time);
    private readonly ContentRate _rate = new(time, limits.BytesPerSecondMin, WireLimits.RateGrace);
    private PipeReader _input = connection.Transport.Input;
    private PipeWriter _output = connection.Transport.Output;
    private SslStream? _tls;
    private bool _unsent;
    private volatile bool _mayStop;
    private volatile bool _stopping;
    private TimeSpan _stoppedAt;
    private volatile SmtpReply? _closing;

    /// <summary>The connection's peer, or the client that a load balancer named.</summary>
    public IPAddress Client { get; private set; } = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;

    public string ClientAddress => (Client.IsIPv4MappedToIPv6 ? Client.MapToIPv4() : Client).ToString();

    /// <summary>SHA-256 of the certificate that the client showed, in hex; null: none. Nobody has verified it.</summary>
    public string? ClientCertificate =>
        _tls?.RemoteCertificate?.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();

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
        meters.Replied(reply.Code);
    }

    public void Count(SourceRefusal refusal) => meters.Refused(refusal);

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
    /// The next command line, or why there is none. <paramref name="mayStop"/>: nothing is under way. The whole line
    /// has one time limit, however many pieces it comes in.
    /// </summary>
    public async ValueTask<InputLine> ReadLineAsync(bool mayStop)
    {
        var deadline = _clock.In(limits.Idle);
        _mayStop = mayStop;
        while (true)
        {
            if (_stopping && mayStop) return InputLine.Of(InputKind.Stopping);
            if (mayStop && _clock.Age > limits.Session) return InputLine.Of(InputKind.SessionOver);
            var result = await ReadAsync(deadline);
            var buffer = result.Buffer;
            var line = InputLine.Take(ref buffer);
            _input.AdvanceTo(buffer.Start, line is null ? buffer.End : buffer.Start);
            if (line is { } found) return found;
            if (_closing == Replies.SessionTooLong) return InputLine.Of(InputKind.SessionOver);
            if (_closing == Replies.ShuttingDown) return InputLine.Of(InputKind.Stopping);
            if (_closing is not null) return InputLine.Of(InputKind.Idle);
            if (result.IsCompleted) return InputLine.Of(InputKind.Gone);
        }
    }

    /// <summary>From here to <see cref="EndContent"/> the minimum rate holds.</summary>
    public void BeginContent()
    {
        _mayStop = false;
        _rate.Begin();
    }

    public void EndContent() => _clock.Rest();

    /// <summary>
    /// What is there of a message, waiting for the client only if nothing is. <see cref="AdvanceTo"/> must follow.
    /// </summary>
    public async ValueTask<ReadResult> ReadContentAsync()
    {
        _rate.WaitBegins();
        var result = await ReadAsync(_clock.In(limits.Idle));
        _rate.WaitEnds(result.Buffer.Length);
        return result;
    }

    private async ValueTask<ReadResult> ReadAsync(long deadline)
    {
        if (_input.TryRead(out var ready)) return ready;
        await FlushAsync();
        _clock.WaitUntil(deadline);
        var result = await _input.ReadAsync();
        _clock.Rest();
        return result;
    }

    public void AdvanceTo(SequencePosition consumed) => _input.AdvanceTo(consumed);

    /// <summary>
    /// Set when the client has been silent or slow for too long: what it left unfinished stays unfinished.
    /// </summary>
    public SmtpReply? ClosingReply => _closing;

    /// <summary>Holds a reply back; the client's end cuts it short.</summary>
    public async Task PauseAsync(TimeSpan pause)
    {
        await FlushAsync();
        await Task.Delay(pause, time, connection.ConnectionClosed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The client talks although we haven't said anything yet.</summary>
    public async ValueTask<bool> TalksFirstAsync()
    {
        // A read inside TLS can't be given up without giving up the connection.
        if (HasUnread() || _tls is not null || limits.Banner == TimeSpan.Zero) return HasUnread();
        using var patience = new CancellationTokenSource(limits.Banner, time);
        try
        {
            var result = await _input.ReadAsync(patience.Token);
            var any = !result.Buffer.IsEmpty;
            _input.AdvanceTo(result.Buffer.Start);
            return any;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// The head that a named load balancer puts in front. False: there is none, and the balancer must be told apart from
    /// its clients, so the connection is of no use.
    /// </summary>
    public async ValueTask<bool> ReadProxyAsync()
    {
        var deadline = _clock.In(limits.Handshake);
        while (true)
        {
            var result = await ReadAsync(deadline);
            var buffer = result.Buffer;
            var verdict = ProxyHeader.Take(ref buffer, out var client);
            _input.AdvanceTo(buffer.Start, verdict == ProxyVerdict.Unfinished ? buffer.End : buffer.Start);
            if (client is not null) Client = client;
            if (verdict != ProxyVerdict.Unfinished) return verdict != ProxyVerdict.Broken;
            if (result.IsCompleted || _closing is not null) return false;
        }
    }

    /// <summary>Octets are here that nobody has read.</summary>
    public bool HasUnread()
    {
        if (!_input.TryRead(out var result)) return false;
        var any = !result.Buffer.IsEmpty;
        _input.AdvanceTo(result.Buffer.Start);
        return any;
    }

    /// <summary>The handshake; from here on all is inside TLS. Throws <see cref="AuthenticationException"/>.</summary>
    public async Task SecureAsync(ServerOptionsSelectionCallback certificates)
    {
        await FlushAsync();
        _tls = new SslStream(new TransportStream(connection.Transport), leaveInnerStreamOpen: true);
        _clock.WaitAtMost(limits.Handshake);
        await _tls.AuthenticateAsServerAsync(certificates, null);
        _clock.Rest();
        _input = PipeReader.Create(_tls, new(bufferSize: ReadBytes, leaveOpen: true, useZeroByteReads: true));
        _output = PipeWriter.Create(_tls, new(leaveOpen: true));
    }

    /// <summary>Nothing of ours is under way: the client is to act.</summary>
    public bool IsWaiting => !_clock.IsResting;

    /// <summary>Asks the session to end as soon as nothing is under way, or when that takes too long.</summary>
    public void Stop()
    {
        _stoppedAt = _clock.Age;
        _stopping = true;
        _input.CancelPendingRead();
    }

    /// <summary>Ends a wait that has lasted too long: kindly, then by force.</summary>
    public void Sweep()
    {
        if (_clock.IsResting) return;
        var overdue = _clock.Overdue();
        var isHandshake = _tls is { IsAuthenticated: false };
        if (overdue >= TimeSpan.Zero && (isHandshake || (_closing is not null && overdue > limits.Handshake)))
        {
            connection.Abort(new ConnectionAbortedException("the client has been silent for too long"));
            return;
        }
        if (_closing is not null || isHandshake) return;
        _closing = overdue >= TimeSpan.Zero ? Replies.IdleTooLong
            : _rate.IsTooSlow() ? Replies.TooSlow
            : _stopping && _clock.Age - _stoppedAt >= limits.Stop ? Replies.ShuttingDown
            : _clock.Age > (_mayStop ? limits.Session : 2 * limits.Session) ? Replies.SessionTooLong
            : null;
        if (_closing is not null) _input.CancelPendingRead();
    }

    public async ValueTask DisposeAsync()
    {
        if (_tls is null) return;
        _clock.WaitAtMost(limits.Handshake);
        try
        {
            if (_tls.IsAuthenticated) await _tls.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException
            or CryptographicException)
        {
            // Gone already, or in the middle of a second handshake that it began and we don't do: there is nobody to
            // say close_notify to.
        }
        // Gives pooled buffers back; with a fault, or what was not sent would be sent here, blocking a thread.
        _output.Complete(new IOException("the session is over"));
        _input.Complete();
        await _tls.DisposeAsync();
        _clock.Rest();
    }
}
