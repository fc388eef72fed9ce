using AMA.Adapters.Submission;
using AMA.Archive.Ids;

namespace AMA.Gateway.Cli.Sending;

/// <summary>
/// One of the connections: sends a message until the server has taken or refused it or the tries are used up, and
/// makes a new session whenever the old one is over. A session that breaks after the body leaves open whether the
/// server has the message; it is sent again, and the archive makes one record of both deliveries.
/// </summary>
internal sealed class SendConnection(SendOrder order, TimeProvider time) : IAsyncDisposable
{
    private const int NotSignedIn = 530;

    private SmtpSubmission? _session;

    /// <summary>
    /// Throws <see cref="CliException"/> when no message can ever go this way. <paramref name="stop"/> ends waiting
    /// for another try, not the try under way: what becomes of that one is worth knowing.
    /// </summary>
    public async Task<Outcome> DeliverAsync(MessageSource message, CancellationToken stop, CancellationToken cancel)
    {
        var raw = CrlfForm.Of(message.Bytes);
        var digest = Outcome.Digest(raw);
        if (order.Known.Contains((ReceiptFile.Escape(message.Name), digest)))
            return new(message.Name, digest, OutcomeKind.Known, "delivered before");
        for (var attempt = 0;; attempt++)
        {
            var (kind, detail) = await TryAsync(raw, cancel);
            if (kind != OutcomeKind.PutOff || order.Retries.After(attempt) is not { } wait)
                return new(message.Name, digest, kind, detail);
            await Task.Delay(wait, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.ThrowIfCancellationRequested();
            if (stop.IsCancellationRequested) return new(message.Name, digest, kind, detail);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is { } session) await session.DisposeAsync();
        _session = null;
    }

    private async Task<(OutcomeKind Kind, string Detail)> TryAsync(ReadOnlyMemory<byte> raw, CancellationToken cancel)
    {
        try
        {
            _session ??= await SmtpSubmission.ConnectAsync(order.Target, cancel);
            var reply = await _session.SendAsync(order.From, order.Recipients, raw, cancel);
            if (!_session.IsUsable) await DisposeAsync();
            return Judge(reply);
        }
        catch (SubmissionException hopeless) when (!hopeless.Transient)
        {
            throw Hopeless(hopeless);
        }
        catch (IOException broken)
        {
            await DisposeAsync();
            return (OutcomeKind.PutOff, broken.Message);
        }
    }

    internal static (OutcomeKind Kind, string Detail) Judge(SmtpReply reply) => reply switch
    {
        { Accepted: true } => (OutcomeKind.Delivered, Receipt(reply)),
        { Code: NotSignedIn } => (OutcomeKind.Refused, $"{reply} (sign in: --user, or AMA_SMTP_USER and AMA_SMTP_PASSWORD)"),
        { Permanent: true } => (OutcomeKind.Refused, reply.ToString()),
        _ => (OutcomeKind.PutOff, reply.ToString()),
    };

    /// <summary>AMA's receipt id, or whatever another server says there.</summary>
    private static string Receipt(SmtpReply reply)
    {
        var first = reply.Text.Split(' ', 2)[0];
        if (DeliveryId.TryParse(first, out _)) return first;
        return reply.Text.Length > 0 ? reply.Text : reply.Code.ToString();
    }

    private CliException Hopeless(SubmissionException why) => why.Reply is null
        ? new(ExitCode.Usage, $"{order.Target.Host}:{order.Target.Port}: {why.Message}.",
            "Say whom to trust: --tls-fingerprint (AMA prints it when it starts), --ca, or --data-directory for an "
            + "AMA on this machine.", why)
        : new(ExitCode.Failure, $"{order.Target.Host}:{order.Target.Port}: {why.Message}", inner: why);
}
