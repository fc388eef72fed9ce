using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Link;

/// <param name="EnrolmentToken">Gives a one-time token of Control's each time it is asked; never printed.</param>
internal sealed record GatewayLinkSettings(Region Region, Func<string> EnrolmentToken)
{
    public override string ToString() => $"link of region {Region.Text()}";
}

/// <summary>
/// Keeps <see cref="GatewayStanding"/> up to date: enrols, then asks the relay for signed documents for ever. It trusts
/// Control's signature, never the relay: a production silo could otherwise have mail sealed to a key of its own.
/// </summary>
internal sealed partial class GatewayLink(
    IBackEnd backEnd, GatewayStanding standing, GatewayLinkSettings settings, Backoff backoff,
    ILogger<GatewayLink> log) : BackgroundService
{
    private readonly Guid _gateway = backoff.NextId();
    private byte[] _signingKey = [];
    private DateTimeOffset _renewAt;

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
            if (standing.Identity is null) await EnrolAsync(cancel);
            else if (backoff.Now >= _renewAt) await TryRenewAsync(cancel);
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

    private async Task EnrolAsync(CancellationToken cancel)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256); // made anew each time, and never leaves this process
        var relay = backEnd.Relay(settings.Region);
        var answer = await relay
            .Enrol(settings.EnrolmentToken(), _gateway.ToString("N"), key.ExportSubjectPublicKeyInfo())
            .WaitAsync(cancel);
        using var certificate = X509CertificateLoader.LoadCertificate(answer.Certificate);
        standing.Enrolled(new GatewayIdentity(key, answer.Certificate));
        _signingKey = answer.SigningKey;
        _renewAt = certificate.NotBefore + (certificate.NotAfter - certificate.NotBefore) * 2 / 3;
        LogEnrolled(_gateway, certificate.NotAfter);
    }

    /// <summary>
    /// Without a new certificate the old one serves on; segments say so, and the reader allows it for a while.
    /// </summary>
    private async Task TryRenewAsync(CancellationToken cancel)
    {
        try
        {
            await EnrolAsync(cancel);
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            LogNotRenewed(fault.Message);
            _renewAt = backoff.Now + RenewalInterval;
        }
    }

    private static readonly TimeSpan RenewalInterval = TimeSpan.FromMinutes(10);

    /// <summary>Waits for news for about a second.</summary>
    private async Task HearAsync(CancellationToken cancel)
    {
        var known = standing.DirectoryVersion;
        var news = await backEnd.Relay(settings.Region).Next(_gateway, known).WaitAsync(cancel);
        if (news is null) standing.Heard();
        else Learn(news, known);
    }

    private void Learn(RelayedDocuments news, long known)
    {
        if (!DirectoryDocument.TryVerify(news.Directory, _signingKey, out var directory)
            || !QueueKeysDocument.TryVerify(news.QueueKeys, _signingKey, out var queueKeys))
            throw new InvalidDataException("the relay's documents are not signed by Control");
        if (directory.Region != settings.Region || queueKeys.Region != settings.Region)
            throw new InvalidDataException("the relay's documents are another region's");
        if (directory.Version <= known)
            throw new InvalidDataException($"the relay gave directory {directory.Version}, {known} is known already");
        standing.Learned(directory, queueKeys);
        LogLearned(directory.Version, directory.Entries.Length, queueKeys.Keys.Length);
    }
}
