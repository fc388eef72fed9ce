using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Access;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Adapters.Hosting.Identity;

/// <summary>Keeps a running process's papers and trust fresh. A fault means: try again at the next look.</summary>
public sealed class PeerRenewal(PeerKeeper keeper, TimeProvider time, ILogger<PeerRenewal> log) : BackgroundService
{
    private bool _away;

    protected override async Task ExecuteAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Task.Delay(PeerKeeper.TrustEvery, time, cancel);
                await LookAsync(cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        try
        {
            var before = keeper.Credentials.Papers;
            await keeper.RefreshAsync(cancel);
            if (!ReferenceEquals(before, keeper.Credentials.Papers)) LogNew(keeper.Credentials.Papers);
            await keeper.HearAsync(cancel);
            _away = false;
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            if (!_away) IdentityLog.NotRenewed(log, fault.Message);
            _away = true;
        }
    }

    private void LogNew(PeerPapers papers) =>
        IdentityLog.Renewed(log, papers.Identity.ToString(), papers.NotAfter);
}

internal static partial class IdentityLog
{
    [LoggerMessage(1, LogLevel.Warning, "Waiting for Control, for a certificate: {reason}")]
    public static partial void Waiting(ILogger log, string reason);

    [LoggerMessage(4, LogLevel.Warning,
        "AMA:Identity:EnrolmentToken is still set. It was needed once; take it out of the settings and the environment")]
    public static partial void TokenLeft(ILogger log);

    [LoggerMessage(2, LogLevel.Information, "New certificate for {peer}, until {end}")]
    public static partial void Renewed(ILogger log, string peer, DateTimeOffset end);

    [LoggerMessage(3, LogLevel.Warning, "No news of certificates, the own one stays in use: {reason}")]
    public static partial void NotRenewed(ILogger log, string reason);
}
