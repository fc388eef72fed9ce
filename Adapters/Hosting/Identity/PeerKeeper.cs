using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Access;
using Microsoft.Extensions.Logging;

namespace AMA.Adapters.Hosting.Identity;

/// <summary>Who a process is and how it comes by its papers.</summary>
public sealed record PeerSource
{
    public required PeerRole Role { get; init; }

    /// <summary>In the certificate, [a-z0-9-]; the process's own in its role.</summary>
    public required string Name { get; init; }

    public required EnrolmentClient Control { get; init; }

    /// <summary>Null: papers live in memory only, and every start enrols.</summary>
    public IdentityFile? File { get; init; }

    /// <summary>A one-time ticket of Control's, asked only when there are no papers; null: there is none.</summary>
    public required Func<EnrolmentTicket?> Ticket { get; init; }

    /// <summary>The ticket stands in the settings, where it should not stay.</summary>
    public bool IsTokenSet { get; init; }
}

/// <summary>
/// Gets this process's papers and keeps them fresh: enrols once, renews at two thirds of a certificate's life, and hears
/// whom Control trusts now. While Control is away everything stays as it is.
/// </summary>
public sealed class PeerKeeper(PeerSource source, PeerCredentials credentials, TimeProvider time)
{
    /// <summary>Between two looks at what Control trusts; a peer that is shut out is cut off so soon.</summary>
    public static readonly TimeSpan TrustEvery = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private KnownTrust? _trust;

    public PeerCredentials Credentials => credentials;

    /// <summary>
    /// Returns with papers that are good now. Waits while Control is away and they must come from it. Throws
    /// <see cref="EnrolmentException"/> for a no, <see cref="System.Security.Cryptography.CryptographicException"/> for
    /// a damaged file.
    /// </summary>
    public async Task StartAsync(ILogger log, CancellationToken cancel)
    {
        if (source.File?.Read() is { } kept) TakeKept(kept, log);
        for (var tries = 0; credentials.Valid is null; tries++)
        {
            try
            {
                await RefreshAsync(cancel);
            }
            catch (EnrolmentException away) when (away.IsTransient)
            {
                if (tries == 0) IdentityLog.Waiting(log, away.Message);
                await Task.Delay(RetryAfter, time, cancel);
            }
        }
    }

    /// <summary>Enrols or renews, if that is due. Throws <see cref="EnrolmentException"/>.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            if (!credentials.HasPapers) await EnrolAsync(cancel);
            else if (time.GetUtcNow() >= credentials.Papers.RenewAt)
                await RenewOrEnrolAsync(cancel);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Hears whom Control trusts now. Throws <see cref="EnrolmentException"/>.</summary>
    public async Task HearAsync(CancellationToken cancel)
    {
        var papers = credentials.Papers;
        var trust = await source.Control.TrustAsync(credentials.Trust, papers.SigningKey, cancel);
        Keep(trust);
        Believe(papers, trust.Document);
        // A restart must know the successor of a CA or signing key, so it belongs into the papers.
        if (!trust.Document.HasKeys(papers.Authorities, papers.SigningKey)) await RenewAsync(cancel);
    }

    /// <summary>
    /// With the list of those who are shut out, as Control last signed it: it holds while Control is away, too.
    /// </summary>
    private void TakeKept(PeerPapers kept, ILogger log)
    {
        _trust = source.File!.ReadTrust(kept.SigningKey, credentials.Region);
        Take(kept, _trust?.Document);
        if (source.IsTokenSet) IdentityLog.TokenLeft(log);
    }

    private async Task RenewAsync(CancellationToken cancel) =>
        Keep(await source.Control.RenewAsync(credentials.Papers, credentials.Trust, cancel));

    /// <summary>A token in the settings is there for a process whose papers are worth nothing any more.</summary>
    private async Task RenewOrEnrolAsync(CancellationToken cancel)
    {
        try
        {
            await RenewAsync(cancel);
        }
        catch (EnrolmentException no) when (no.NeedsToken && source.Ticket() is not null)
        {
            await EnrolAsync(cancel);
        }
    }

    private async Task EnrolAsync(CancellationToken cancel)
    {
        var order = $"ama control enroll --role {PeerIdentity.RoleText(source.Role)} --name {source.Name}";
        var ticket = source.Ticket() ?? throw new EnrolmentException(
            $"This {PeerIdentity.RoleText(source.Role)} has no certificate and no enrolment token. Ask Control's operator "
            + $"for one: {order}", transient: false);
        try
        {
            Keep(await source.Control.EnrolAsync(ticket, source.Role, source.Name, cancel));
        }
        catch (EnrolmentException no) when (no.NeedsToken && !no.IsTransient)
        {
            throw new EnrolmentException(
                $"{no.Message} A token is good once: if AMA:Identity:EnrolmentToken was used before and the identity file "
                + $"is lost, ask Control's operator for a new one: {order}", transient: false, no);
        }
    }

    private void Keep((PeerPapers Papers, KnownTrust Trust) issued)
    {
        // First: papers that know only a new key must never stand beside what only the one before has signed.
        Keep(issued.Trust);
        source.File?.Write(issued.Papers);
        Take(issued.Papers, issued.Trust.Document);
    }

    private void Keep(KnownTrust trust)
    {
        if (_trust?.Document.IsAs(trust.Document) is not true) source.File?.WriteTrust(trust);
        _trust = trust;
    }

    private void Take(PeerPapers papers, TrustDocument? trust)
    {
        var own = papers.Identity;
        if (own.Role != source.Role || own.Name != source.Name || own.Region != credentials.Region)
            throw new EnrolmentException(
                $"The certificate is that of {own}, and this process is the {PeerIdentity.RoleText(source.Role)} "
                + $"{source.Name}: check AMA:Identity:Name, AMA:Identity:Directory and AMA:Region.", transient: false);
        if (trust is null) credentials.Set(papers, papers.Authorities, []);
        else Believe(papers, trust);
    }

    private void Believe(PeerPapers papers, TrustDocument trust) =>
        credentials.Set(papers, trust.Authorities, trust.Revoked, trust.PastAuthorities);
}
