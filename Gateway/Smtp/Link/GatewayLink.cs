using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Link;

internal sealed record GatewayLinkSettings(Region Region);

/// <summary>What a gateway has of its own: its certificate, and what it kept of Control's papers.</summary>
internal sealed record GatewayOwn(PeerCredentials Credentials, PapersFile Kept);

/// <summary>
/// Keeps <see cref="GatewayStanding"/> up to date: shows it the newest certificate, and asks the relay for signed documents for ever. It trusts
/// Control's signature, never the relay: a production silo could otherwise have mail sealed to a key of its own.
/// </summary>
internal sealed partial class GatewayLink(
    IBackEnd backEnd, GatewayStanding standing, GatewayOwn own, Backoff backoff, ILogger<GatewayLink> log) : BackgroundService
{
    private readonly Guid _gateway = backoff.NextId();
    private PeerPapers? _shown;

    protected override async Task ExecuteAsync(CancellationToken cancel)
    {
        try
        {
            TakeKept();
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
    /// After a restart: with them mail is taken before anybody has answered. They are not news, so whoever isn't in
    /// them is put off, not refused.
    /// </summary>
    private void TakeKept()
    {
        if (!own.Credentials.HasPapers) return;
        try
        {
            if (own.Kept.Read(own.Credentials.Papers.SigningKey) is not { } kept) return;
            if (kept.Directory.Region != own.Credentials.Region) return;
            ShowPapers();
            standing.Remembered(kept.Directory, kept.QueueKeys);
            LogLearned(kept.Directory.Version, kept.Directory.Tenants.Length, kept.QueueKeys.Keys.Length);
        }
        catch (IOException fault)
        {
            LogNoNews(fault.GetType().Name, fault.Message);
        }
    }

    /// <summary>
    /// Without a new certificate the old one serves on; segments say so, and the reader allows it for a while.
    /// </summary>
    private void ShowPapers()
    {
        var papers = own.Credentials.Papers;
        if (ReferenceEquals(papers, _shown)) return;
        standing.Enrolled(new GatewayIdentity(papers));
        _shown = papers;
        LogEnrolled(papers.Identity.Name, papers.NotAfter);
    }

    /// <summary>Waits for news for about a second.</summary>
    private async Task HearAsync(CancellationToken cancel)
    {
        var known = standing.DirectoryVersion;
        var news = await backEnd.Relay(own.Credentials.Region).Next(_gateway, known).WaitAsync(cancel);
        if (news is null) standing.Heard();
        else Learn(news, known);
    }

    private void Learn(RelayedDocuments news, long known)
    {
        if (!DirectoryDocument.TryVerify(news.Directory, own.Credentials.Papers.SigningKey, out var directory)
            || !QueueKeysDocument.TryVerify(news.QueueKeys, own.Credentials.Papers.SigningKey, out var queueKeys))
            throw new InvalidDataException("the relay's documents are not signed by Control");
        if (directory.Region != own.Credentials.Region || queueKeys.Region != own.Credentials.Region)
            throw new InvalidDataException("the relay's documents are another region's");
        if (directory.Version < known)
            throw new InvalidDataException($"the relay gave directory {directory.Version}, {known} is known already");
        own.Kept.Write(news.Directory, news.QueueKeys);
        standing.Learned(directory, queueKeys);
        LogLearned(directory.Version, directory.Tenants.Length, queueKeys.Keys.Length);
    }
}
