using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Revocations;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Live sessions of some people of a tenant, or of operators. Key: "{region}/{tenant id}/{shard}", or
/// "{region}/operator/{shard}".
/// </summary>
[Alias("ama.control.internal.sessions")]
internal interface ISessionsGrain : IGrainWithStringKey
{
    /// <summary>Whether the session was opened, has not ended by itself, and has not been ended.</summary>
    /// <remarks>Interleaves, like the other questions: they read what is durable.</remarks>
    [Alias("is-live"), AlwaysInterleave] Task<bool> IsLive(Guid session);

    /// <summary>Null when it is not live.</summary>
    [Alias("find"), AlwaysInterleave] Task<LiveSession?> Find(Guid session);

    [Alias("of"), AlwaysInterleave] Task<LiveSession[]> Of(string user);

    /// <summary>Durable when it returns.</summary>
    [Alias("open")] Task Open(LiveSession session);

    /// <summary>
    /// Uses up a renewal secret, durably, and answers the next one. Ends nothing: who reuses an old one is told so.
    /// </summary>
    /// <param name="salt">Random.</param>
    [Alias("renew")] Task<RenewedSecret> Renew(string renewal, byte[] salt);

    /// <summary>Ends this session of this person; false when there is none such.</summary>
    [Alias("end")] Task<bool> End(string user, Guid session);

    /// <summary>Ends all of a person's sessions: their number.</summary>
    [Alias("end-all")] Task<int> EndAll(string user);
}

/// <summary>A session that ends is refused from this moment on, durably: nothing is left of it to be renewed.</summary>
[GrainType("ama.control.sessions")]
public sealed class SessionsGrain(
    [PersistentState("sessions", ControlStorage.Name)] IPersistentState<SessionsState> stored,
    KeyRing ring, TimeProvider time, ILogger<SessionsGrain> log) : Grain, ISessionsGrain
{
    private DurableState<SessionsState> _state = null!;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Rest(ring, this.GetPrimaryKeyString());
        _state = new(stored, DeactivateOnIdle, log);
        return Task.CompletedTask;
    }

    Task<bool> ISessionsGrain.IsLive(Guid session) =>
        Task.FromResult(_state.Value.Find(session, time.GetUtcNow()) is not null);

    Task<LiveSession?> ISessionsGrain.Find(Guid session) =>
        Task.FromResult(_state.Value.Find(session, time.GetUtcNow()));

    Task<LiveSession[]> ISessionsGrain.Of(string user) =>
        Task.FromResult(_state.Value.Of(user, time.GetUtcNow()));

    async Task ISessionsGrain.Open(LiveSession session)
    {
        var next = _state.Value.Open(session, time.GetUtcNow(), out var ended);
        await RevokeAsync(ended, session.User);
        await _state.WriteAsync(next);
    }

    async Task<RenewedSecret> ISessionsGrain.Renew(string renewal, byte[] salt)
    {
        var now = time.GetUtcNow();
        if (RenewalText.TryParse(renewal) is not { } shown || _state.Value.Find(shown.Session, now) is not { } session)
            return new(RenewalUse.Foreign, null);
        var use = session.UseOf(shown, now);
        var kept = session.Renewal;
        if (use == RenewalUse.Newest)
        {
            kept = kept!.After(shown, salt, now);
            await _state.WriteAsync(_state.Value.Replace(session with { Renewal = kept }));
        }
        return new(use, use is RenewalUse.Newest or RenewalUse.Again ? kept!.Successor(shown).Text : null);
    }

    async Task<bool> ISessionsGrain.End(string user, Guid session)
    {
        if (_state.Value.Find(session, time.GetUtcNow())?.User != user) return false;
        await EndAsync([session], user);
        return true;
    }

    async Task<int> ISessionsGrain.EndAll(string user)
    {
        Guid[] sessions = [.. _state.Value.Of(user, time.GetUtcNow()).Select(session => session.Id)];
        if (sessions.Length > 0) await EndAsync(sessions, user);
        return sessions.Length;
    }

    private async Task EndAsync(Guid[] sessions, string user)
    {
        await RevokeAsync(sessions, user);
        await _state.WriteAsync(_state.Value.End(sessions, time.GetUtcNow()));
    }

    /// <summary>
    /// First, so that silos drop what they hold for it even when the write fails: then the end is asked for again.
    /// </summary>
    private async Task RevokeAsync(Guid[] sessions, string user)
    {
        var revocations = GrainFactory.GetGrain<IRevokingGrain>(ring.Region.Text());
        foreach (var session in sessions) await revocations.Revoke(Revocation.OfSession(session), by: user);
    }
}
