using AMA.Adapters.Submission;
using AMA.Archive.Ids;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Sending;

/// <summary>How long after the sending a canary got how far; null: not (yet) seen there.</summary>
internal sealed record CanaryTimes(TimeSpan Accepted, TimeSpan? Archived, TimeSpan? Searchable);

/// <summary>Sends a canary and waits until the archive finds it.</summary>
internal sealed class CanaryFlight(ArchiveApi api, TimeProvider time)
{
    /// <summary>Short against the time an archive takes, long against what a search costs.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private bool _mayAskReceipts = true;

    /// <summary>What the server said; null: AMA's receipt is not in it, for another server was asked.</summary>
    public string? Receipt { get; private set; }

    public string Reply { get; private set; } = "";

    /// <summary>Throws <see cref="CliException"/> when it could not be sent, or was refused.</summary>
    public async Task<CanaryTimes> FlyAsync(
        CanaryMessage canary, SendOrder order, TimeSpan limit, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        await SendAsync(canary, order, cancel);
        var times = new CanaryTimes(time.GetElapsedTime(start), null, null);
        while (true)
        {
            times = await LookAsync(canary, times, start, cancel);
            if (times.Searchable is not null || time.GetElapsedTime(start) >= limit) return times;
            await Task.Delay(LookEvery, time, cancel);
        }
    }

    private async Task SendAsync(CanaryMessage canary, SendOrder order, CancellationToken cancel)
    {
        try
        {
            await using var session = await SmtpSubmission.ConnectAsync(order.Target, cancel);
            var reply = await session.SendAsync(order.From, order.Recipients, canary.Bytes, cancel);
            var (kind, detail) = SendConnection.Judge(reply);
            if (kind != OutcomeKind.Delivered)
                throw new CliException(ExitCode.Failure, $"The canary was not accepted: {detail}");
            Reply = reply.ToString();
            Receipt = DeliveryId.TryParse(detail, out _) ? detail : null;
        }
        catch (IOException broken)
        {
            throw new CliException(ExitCode.TryAgain, $"The canary could not be sent: {broken.Message}",
                "Is the server there, and is it trusted (--tls-fingerprint, --ca)?", broken);
        }
    }

    private async Task<CanaryTimes> LookAsync(
        CanaryMessage canary, CanaryTimes times, long start, CancellationToken cancel)
    {
        try
        {
            if (times.Archived is null && await IsArchivedAsync(cancel))
                times = times with { Archived = time.GetElapsedTime(start) };
            var page = await api.GetAsync<MessagePage>($"/v1/messages?q={canary.Id}&limit=1", cancel);
            if (page.Value.Total == 0) return times;
            var now = time.GetElapsedTime(start);
            return times with { Archived = times.Archived ?? now, Searchable = now };
        }
        catch (CliException away) when (away.Code == ExitCode.TryAgain)
        {
            return times;
        }
    }

    /// <summary>By its receipt, where there is one and this person may ask.</summary>
    private async Task<bool> IsArchivedAsync(CancellationToken cancel)
    {
        if (Receipt is null || !_mayAskReceipts) return false;
        try
        {
            return (await api.GetAsync<Receipt>($"/v1/receipts/{Receipt}", cancel)).Value.State == "archived";
        }
        catch (CliException refused) when (refused.Problem is "not-allowed" or "not-found")
        {
            _mayAskReceipts = refused.Problem == "not-found";
            return false;
        }
    }
}
