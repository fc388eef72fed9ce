using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control.Revocations;

/// <summary>
/// The region's revocations: on record, durable in both stores, then told to every silo that asks. Silos ask without
/// pause, so a revocation reaches them within moments; whoever can't be reached is out when its leases end.
/// </summary>
[GrainType("ama.control.revocations")]
public sealed class RevocationsGrain(
    [PersistentState("revocations", ControlStorage.Name)] IPersistentState<RevocationBook> stored,
    KeyRing ring, TimeProvider time, ILogger<RevocationsGrain> log) : Grain, IRevocationsGrain, IRevokingGrain
{
    private static readonly TimeSpan PollMax = TimeSpan.FromSeconds(2);

    /// <summary>Silos that wait for news at once; beyond, they are answered without waiting.</summary>
    private const int WaitingMax = 1024;

    private MarkedState<RevocationBook> _state = null!;
    private TaskCompletionSource _news = NewSignal();
    private int _waiting;

    private IAuditGrain Audit => GrainFactory.GetGrain<IAuditGrain>(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Only(ring, this.GetPrimaryKeyString());
        _state = new(stored, Audit, time, DeactivateOnIdle, log) { Life = ring.RestoreGeneration };
        return _state.CheckAsync();
    }

    public async Task<RevocationsView> Since(long version)
    {
        if (version == _state.Value.Version && _waiting < WaitingMax) await NewsAsync();
        var book = _state.Value;
        return new(book.Version, [.. book.Since(version).Select(entry => entry.View())]);
    }

    async Task IRevokingGrain.Revoke(RevocationView revocation, string by)
    {
        if (RevocationViews.Read(revocation) is not { } read)
            throw new ControlException(ControlRefusal.Invalid, "There is no such kind of revocation.");
        try
        {
            var next = _state.Value.Add(read, time.GetUtcNow());
            await Audit.Append(EntryOf(AuditAct.Revocation, read, by), null);
            await _state.WriteAsync(next);
        }
        catch (LeaseRefusedException full)
        {
            throw new ControlException(ControlRefusal.Unavailable, $"Not revoked: {full.Message}.");
        }
        Tell();
    }

    async Task<bool> IRevokingGrain.Lift(RevocationView revocation, string by)
    {
        if (RevocationViews.Read(revocation) is not { } read || _state.Value.Lift(read) is not { } next) return false;
        await Audit.Append(EntryOf(AuditAct.RevocationLift, read, by), null);
        await _state.WriteAsync(next);
        return true;
    }

    Task<RevocationView[]> IRevokingGrain.List() =>
        Task.FromResult(_state.Value.Entries.Select(entry => entry.View()).ToArray());

    Task<string?> IRevokingGrain.Refusal(JudgedLease lease) => Task.FromResult(lease.GrantedAt is { } grantedAt
        ? _state.Value.Ended(lease.Facts, grantedAt)
        : _state.Value.RefusesNew(lease.Facts));

    private async Task NewsAsync()
    {
        _waiting++;
        try
        {
            await Task.WhenAny(_news.Task, Task.Delay(PollMax, time));
        }
        finally
        {
            _waiting--;
        }
    }

    private void Tell()
    {
        var news = _news;
        _news = NewSignal();
        news.SetResult();
    }

    private AuditEntry EntryOf(AuditAct act, Revocation about, string by) => new(act, true, time.GetUtcNow())
    {
        Tenant = about.Kind == RevocationKind.Tenant ? about.Id : null,
        Session = about.Kind == RevocationKind.Session ? about.Id : null,
        Lease = about.Kind == RevocationKind.Lease ? about.Id : null,
        Silo = about.Silo, Person = by, Reason = about.Held ? $"{about.Kind}, held" : about.Kind.ToString(),
    };

    // The waiting calls go on in the grain's own turns, not inside the call that revokes.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
