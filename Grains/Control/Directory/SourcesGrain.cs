using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.Directory;

/// <summary>Lets in who keeps a tenant's sources, puts what they do on record, and has the directory changed.</summary>
[GrainType("ama.control.sources")]
public sealed class SourcesGrain(KeyRing ring, KeeperGate gate) : Grain, ISourcesGrain
{
    private string _tenantName = "";

    private ITenantKeeperGrain Directory => GrainFactory.GetGrain<ITenantKeeperGrain>(ring.Region.Text());

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _tenantName = RegionCheck.Rest(ring, this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task<SourcesView> List(string token) => Do(token, AuditAct.SourceListing, null, actor =>
    {
        Check(actor, AccessRole.TenantAdmin, AccessRole.Auditor, AccessRole.SecurityOfficerTenant);
        return Directory.Sources(_tenantName);
    });

    public Task<SourcesChange> Add(string token, NewSource source) =>
        Do(token, AuditAct.SourceCreation, source?.Kind, actor =>
        {
            Check(actor, AccessRole.TenantAdmin);
            return Directory.AddSource(
                _tenantName, source ?? throw new ControlException(ControlRefusal.Invalid, "No source was given."));
        });

    public Task<SourcesChange> Remove(string token, Guid source) =>
        Do(token, AuditAct.SourceRemoval, source.ToString("N"), actor =>
        {
            Check(actor, AccessRole.TenantAdmin);
            return Directory.RemoveSource(_tenantName, source);
        });

    public Task<SourcesChange> Expect(string token, Guid source, int seconds) =>
        Do(token, AuditAct.SourceChange, $"{source:N}, expectedSeconds {seconds}", actor =>
        {
            Check(actor, AccessRole.TenantAdmin);
            return Directory.ExpectSource(_tenantName, source, seconds);
        });

    public Task<TenantView> Change(string token, TenantChange change) =>
        Do(token, AuditAct.TenantChange, DetailOf(change), actor =>
        {
            Check(actor);
            return Directory.ChangeTenant(
                _tenantName, change ?? throw new ControlException(ControlRefusal.Invalid, "No change was given."));
        });

    /// <summary>The operator may all of this: no way leads from a source to anybody's mail.</summary>
    private static void Check(Actor actor, params ReadOnlySpan<AccessRole> roles)
    {
        if (actor.Role != AccessRole.Operator && !roles.Contains(actor.Role))
            throw new ControlException(ControlRefusal.NotAllowed, roles.IsEmpty
                ? "This is for the operator."
                : "This is for the tenant's admins.");
    }

    private Task<T> Do<T>(string token, AuditAct act, string? detail, Func<Actor, Task<T>> step) =>
        gate.DoAsync(_tenantName, token, new(act, Granted: true, gate.Desk.Now) { Detail = detail }, step);

    private static string? DetailOf(TenantChange? change) => change is null ? null : string.Join(", ", new[]
    {
        change.Suspended is { } suspended ? suspended ? "suspended" : "resumed" : null,
        change.MessageBytesMax is { } bytes ? $"messageBytesMax {bytes}" : null,
        change.MessagesPerMinuteMax is { } most ? $"messagesPerMinuteMax {most}" : null,
    }.OfType<string>());
}
