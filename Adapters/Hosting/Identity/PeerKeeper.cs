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

    public PeerCredentials Credentials => credentials;

    /// <summary>
    /// Returns with papers that are good now. Waits while Control is away and they must come from it. Throws
    /// <see cref="EnrolmentException"/> for a no, <see cref="System.Security.Cryptography.CryptographicException"/> for
    /// a damaged file.
    /// </summary>
    public async Task StartAsync(ILogger log, CancellationToken cancel)
    {
        if (source.File?.Read() is { } kept) Take(kept, kept.Authorities, []);
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
                await RenewAsync(cancel);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Hears whom Control trusts now. Throws <see cref="EnrolmentException"/>.</summary>
    public async Task HearAsync(CancellationToken cancel)
    {
        var trust = await source.Control.TrustAsync(credentials.Trust, cancel);
        credentials.Set(credentials.Papers, trust.Authorities, trust.Revoked);
        if (IsNew(trust.Authorities)) await RenewAsync(cancel);
    }

    /// <summary>The region's CA is being changed: a restart must know the new one, so it belongs into the papers.</summary>
    private bool IsNew(byte[][] authorities) =>
        !authorities.Select(Convert.ToHexString).SequenceEqual(
            credentials.Papers.Authorities.Select(Convert.ToHexString));

    private async Task RenewAsync(CancellationToken cancel) =>
        Keep(await source.Control.RenewAsync(credentials.Papers, credentials.Trust, cancel));

    private async Task EnrolAsync(CancellationToken cancel)
    {
        var ticket = source.Ticket() ?? throw new EnrolmentException(
            $"This {PeerIdentity.RoleText(source.Role)} has no certificate and no enrolment token. Ask Control's operator "
            + $"for one: ama control enroll --role {PeerIdentity.RoleText(source.Role)} --name {source.Name}",
            transient: false);
        Keep(await source.Control.EnrolAsync(ticket, source.Role, source.Name, cancel));
    }

    private void Keep((PeerPapers Papers, TrustNews Trust) issued)
    {
        source.File?.Write(issued.Papers);
        Take(issued.Papers, issued.Trust.Authorities, issued.Trust.Revoked);
    }

    private void Take(PeerPapers papers, IReadOnlyList<byte[]> authorities, IReadOnlyList<RevokedPeer> revoked)
    {
        var own = papers.Identity;
        if (own.Role != source.Role || own.Name != source.Name || own.Region != credentials.Region)
            throw new EnrolmentException(
                $"The certificate is that of {own}, and this process is the {PeerIdentity.RoleText(source.Role)} "
                + $"{source.Name}: check AMA:Identity:Name, AMA:Identity:Directory and AMA:Region.", transient: false);
        credentials.Set(papers, authorities, revoked);
    }
}
