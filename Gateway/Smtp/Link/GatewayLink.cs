using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Link;

internal sealed record GatewayLinkSettings(Region Region);

/// <summary>
/// Keeps <see cref="GatewayStanding"/> up to date: shows it the newest certificate, and asks the relay for signed documents for ever. It trusts
/// Control's signature, never the relay: a production silo could otherwise have mail sealed to a key of its own.
/// </summary>
internal sealed partial class GatewayLink(
    IBackEnd backEnd, GatewayStanding standing, PeerCredentials credentials, Backoff backoff,
    ILogger<GatewayLink> log) : BackgroundService
{
    private readonly Guid _gateway = backoff.NextId();
    private PeerPapers? _shown;

    protected override async Task ExecuteAsync(CancellationToken cancel)
    {
        try
        {
            await backEnd.Ready.WaitAsync(cancel);
            while (true) await StepAsync(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private async Task StepAsync(CancellationToken cancel)
    {
        try
        {
            ShowPapers();
            await HearAsync(cancel);
            backoff.Succeeded();
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            // Whatever it is must not end the link: what is known stays in force, and the next try is near.
            if (backoff.Failed() == 1) LogNoNews(fault.GetType().Name, fault.Message);
            await backoff.WaitAsync(cancel);
        }
    }

    /// <summary>
    /// Without a new certificate the old one serves on; segments say so, and the reader allows it for a while.
    /// </summary>
    private void ShowPapers()
    {
        var papers = credentials.Papers;
        if (ReferenceEquals(papers, _shown)) return;
        standing.Enrolled(new GatewayIdentity(papers));
        _shown = papers;
        LogEnrolled(papers.Identity.Name, papers.NotAfter);
    }

    /// <summary>Waits for news for about a second.</summary>
    private async Task HearAsync(CancellationToken cancel)
    {
        var known = standing.DirectoryVersion;
        var news = await backEnd.Relay(credentials.Region).Next(_gateway, known).WaitAsync(cancel);
        if (news is null) standing.Heard();
        else Learn(news, known);
    }

    private void Learn(RelayedDocuments news, long known)
    {
        if (!DirectoryDocument.TryVerify(news.Directory, credentials.Papers.SigningKey, out var directory)
            || !QueueKeysDocument.TryVerify(news.QueueKeys, credentials.Papers.SigningKey, out var queueKeys))
            throw new InvalidDataException("the relay's documents are not signed by Control");
        if (directory.Region != credentials.Region || queueKeys.Region != credentials.Region)
            throw new InvalidDataException("the relay's documents are another region's");
        if (directory.Version <= known)
            throw new InvalidDataException($"the relay gave directory {directory.Version}, {known} is known already");
        standing.Learned(directory, queueKeys);
        LogLearned(directory.Version, directory.Entries.Length, queueKeys.Keys.Length);
    }
}
