using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Identity;

/// <summary>The kept session's token, renewed without a word when it is about to end.</summary>
internal sealed class RenewedToken(SessionFile file, KeptSession kept, Surroundings around)
{
    /// <summary>So that it doesn't end on its way.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private KeptSession _session = kept;

    /// <summary>Throws <see cref="ExitCode.NotAllowed"/> when the session has ended.</summary>
    public async Task<string> GetAsync(CancellationToken cancel)
    {
        var now = around.Time.GetUtcNow();
        if (now >= _session.EndsAt) throw Ended();
        if (_session.Renewal is not null && now >= _session.ExpiresAt - Margin) await RenewAsync(cancel);
        return _session.Token;
    }

    private async Task RenewAsync(CancellationToken cancel)
    {
        using var api = new ArchiveApi(_session.Server, (string?)null, around);
        try
        {
            var renewed = await api.PostAsync<Session>("/v1/session/renew", new { renewal = _session.Renewal }, cancel);
            _session = _session with
            {
                Token = renewed.Value.Token, ExpiresAt = renewed.Value.ExpiresAt, Renewal = renewed.Value.Renewal,
            };
        }
        catch (CliException refused) when (refused.Code == ExitCode.NotAllowed)
        {
            throw Ended();
        }
        file.Write(_session);
    }

    private CliException Ended() => new(ExitCode.NotAllowed, "Your session has ended.",
        $"Sign in again: ama login --tenant {_session.Tenant} --user {_session.User}");
}
