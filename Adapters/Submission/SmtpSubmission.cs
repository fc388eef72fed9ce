using System.Buffers;

namespace AMA.Adapters.Submission;

/// <summary>
/// One SMTP session that delivers messages exactly as given, one after the other. Not for concurrent use: open one
/// per worker. A server's refusal is a reply, not an exception; <see cref="SubmissionException"/> and
/// <see cref="IOException"/> mean that the session is over and the message's fate may be unknown (send it again).
/// </summary>
public sealed class SmtpSubmission : IAsyncDisposable
{
    private const int PieceBytes = 64 * 1024;

    private readonly SubmissionTarget _target;
    private readonly SubmissionConnection _connection;
    private readonly ServerOffer _offer;

    private SmtpSubmission(SubmissionTarget target, SubmissionConnection connection, ServerOffer offer) =>
        (_target, _connection, _offer) = (target, connection, offer);

    /// <summary>False after a reply that ended the session (421) or a fault: make a new one.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <summary>
    /// Connects, secures, greets and, with credentials, signs in. Throws <see cref="SubmissionException"/>.
    /// </summary>
    public static async Task<SmtpSubmission> ConnectAsync(SubmissionTarget target, CancellationToken cancel)
    {
        var connection = await SubmissionConnection.OpenAsync(target, cancel);
        try
        {
            var offer = await SubmissionGreeting.GreetAsync(connection, target, cancel);
            return new SmtpSubmission(target, connection, offer);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Delivers one message held in memory. <paramref name="raw"/> must have CRLF line ends (<see cref="CrlfForm"/>);
    /// what is bare goes out bare. <paramref name="from"/> empty is the null path; addresses stand without brackets.
    /// All recipients or none: when one is refused, its refusal is the result. Throws
    /// <see cref="ArgumentException"/> for addresses that can't stand in a command.
    /// </summary>
    public Task<SmtpReply> SendAsync(
        string from, IReadOnlyList<string> recipients, ReadOnlyMemory<byte> raw, CancellationToken cancel)
    {
        var envelope = SubmissionEnvelope.Checked(from, recipients, raw.Length);
        return GuardAsync(() => TransactAsync(envelope, WriteBody(raw), cancel));
    }

    /// <summary>The same, streamed. SIZE is announced when the stream knows its length.</summary>
    public Task<SmtpReply> SendAsync(
        string from, IReadOnlyList<string> recipients, Stream raw, CancellationToken cancel)
    {
        var envelope = SubmissionEnvelope.Checked(from, recipients, raw.CanSeek ? raw.Length - raw.Position : null);
        return GuardAsync(() => TransactAsync(envelope, WriteBody(raw), cancel));
    }

    /// <summary>Says QUIT and closes; faults on the way out don't matter.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsUsable)
        {
            try
            {
                await _connection.AskAsync("QUIT", TimeSpan.FromSeconds(2), CancellationToken.None);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The server has gone already, which is what QUIT was for.
            }
        }
        await _connection.DisposeAsync();
    }

    private async Task<SmtpReply> GuardAsync(Func<Task<SmtpReply>> transact)
    {
        if (!IsUsable) throw new SubmissionException("the session is over");
        IsUsable = false; // until proved: whatever throws below leaves the conversation at an unknown place
        var reply = await transact();
        IsUsable = reply.Code != 421;
        return reply;
    }

    private async Task<SmtpReply> TransactAsync(
        SubmissionEnvelope envelope, Func<CancellationToken, Task> writeBody, CancellationToken cancel)
    {
        if (envelope.NeedsSmtpUtf8 && !_offer.SmtpUtf8)
            return SmtpReply.Of(553, ["5.6.7 the server doesn't take internationalised addresses"]);
        var refusal = await OpenEnvelopeAsync(envelope, cancel);
        if (refusal is not null) return refusal;
        await writeBody(cancel);
        return await _connection.ReplyAsync(_target.AcceptTimeMax, cancel);
    }

    /// <summary>MAIL, RCPT, DATA up to 354 (null), or the refusal with the transaction undone.</summary>
    private async Task<SmtpReply?> OpenEnvelopeAsync(SubmissionEnvelope envelope, CancellationToken cancel)
    {
        // DATA rides along with a single recipient only: were one of several refused, a 354 would oblige us to send.
        var commands = envelope.Commands(_offer);
        var dataRides = _offer.Pipelining && envelope.Recipients.Count == 1;
        if (dataRides) commands.Add("DATA");
        var refusal = await ConverseAsync(commands, cancel);
        if (refusal is not null)
        {
            if (refusal.Code != 421) await AskAsync("RSET", cancel);
            return refusal;
        }
        if (dataRides) return null;
        var go = await AskAsync("DATA", cancel);
        return go.Code == 354 ? null : go;
    }

    /// <summary>
    /// Sends all at once when the server allows it, and reads every reply; the first refusal or null.
    /// </summary>
    private async Task<SmtpReply?> ConverseAsync(List<string> commands, CancellationToken cancel)
    {
        SmtpReply? refusal = null;
        if (_offer.Pipelining)
        {
            foreach (var command in commands) _connection.Write(command);
            await _connection.FlushAsync(cancel);
        }
        foreach (var command in commands)
        {
            var reply = _offer.Pipelining
                ? await _connection.ReplyAsync(_target.ReplyTimeMax, cancel)
                : await AskAsync(command, cancel);
            if (reply.Code == 354 && refusal is not null)
                throw new SubmissionException("the server wants a message without its envelope", refusal);
            if (reply.Code != 354 && !reply.Accepted) refusal ??= reply;
            if (refusal is not null && (!_offer.Pipelining || refusal.Code == 421)) break;
        }
        return refusal;
    }

    private Task<SmtpReply> AskAsync(string command, CancellationToken cancel) =>
        _connection.AskAsync(command, _target.ReplyTimeMax, cancel);

    private Func<CancellationToken, Task> WriteBody(ReadOnlyMemory<byte> raw) => async cancel =>
    {
        var dots = new DotStuffing();
        for (var rest = raw; !rest.IsEmpty; rest = rest[Math.Min(PieceBytes, rest.Length)..])
        {
            dots.Write(rest.Span[..Math.Min(PieceBytes, rest.Length)], _connection.Output);
            if (rest.Length > PieceBytes) await _connection.FlushAsync(cancel);
        }
        dots.Finish(_connection.Output);
        await _connection.FlushAsync(cancel);
    };

    private Func<CancellationToken, Task> WriteBody(Stream raw) => async cancel =>
    {
        var dots = new DotStuffing();
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            for (int read; (read = await raw.ReadAsync(piece.AsMemory(0, PieceBytes), cancel)) > 0;)
            {
                dots.Write(piece.AsSpan(0, read), _connection.Output);
                await _connection.FlushAsync(cancel);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
        dots.Finish(_connection.Output);
        await _connection.FlushAsync(cancel);
    };
}
