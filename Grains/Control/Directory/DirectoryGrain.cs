using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Leases;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control.Directory;

/// <summary>Key: the region.</summary>
[Alias("ama.control.internal.tenant-list")]
internal interface ITenantListGrain : IGrainWithStringKey
{
    [Alias("ids")] Task<Guid[]> Ids();
}

/// <summary>What Control's grains do alike: who may ask, what time it is, which papers are signed.</summary>
public sealed record DirectoryDesk(
    KeyRing Ring, OperatorGate Operators, GrantIssuer Issuer, IRandom Random);

/// <summary>
/// Every step an operator takes is on record before it is done: a record of something that then failed is harmless,
/// the reverse is not.
/// </summary>
[GrainType("ama.control.directory")]
public sealed partial class DirectoryGrain(
    [PersistentState("directory", ControlStorage.Name)] IPersistentState<DirectoryState> stored,
    DirectoryDesk desk, TimeProvider time, ILogger<DirectoryGrain> log)
    : Grain, IDirectoryGrain, ITenantListGrain, ITenantKeeperGrain
{
    private readonly GatewayPapers _papers = new(desk.Ring, time);
    private MarkedState<DirectoryState> _state = null!;
    private string _region = "";

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _region = this.GetPrimaryKeyString();
        RegionCheck.Only(desk.Ring, _region);
        _state = new(stored, GrainFactory.GetGrain<IAuditGrain>(_region), time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    public async Task<TenantView> CreateTenant(string operatorToken, NewTenant tenant)
    {
        await Admit(operatorToken, new(AuditAct.TenantCreation, true, time.GetUtcNow()) { TenantName = tenant?.Name });
        if (tenant is null) throw new ControlException(ControlRefusal.Invalid, "No tenant was given.");
        var (name, addresses, domains) = _state.Value.Check(tenant);
        var rule = UserRules.ParseRule(tenant.SecondFactor);
        var bare = new DirectoryTenant(
            desk.Random.NextId(), name, time.GetUtcNow(), [.. addresses.Select(NewJournal)])
        {
            Domains = [.. domains.Select(NewJournal)],
        };
        // Nobody can send for it by accident, and its own server can at once.
        var (added, source, secret) = TenantSources.Add(bare, new("auth", null, null), desk.Random);
        // Keys first: a tenant the directory shows can always be archived for.
        await GrainFactory.GetGrain<ITenantKeysGrain>($"{_region}/{added.Id:N}").Create();
        await GrainFactory.GetGrain<IAccountsGrain>($"{_region}/{name}").Open(added.Id, rule);
        await _state.WriteAsync(_state.Value.Add(added));
        return View(added) with { Sources = [TenantSources.View(source, secret)] };
    }

    public async Task<TenantView[]> Tenants(string operatorToken)
    {
        await Admit(operatorToken, new(AuditAct.TenantListing, true, time.GetUtcNow()));
        return [.. _state.Value.Tenants.Select(View)];
    }

    public Task<UserView> CreateUser(string operatorToken, string tenantName, NewUser user) =>
        GrainFactory.GetGrain<IUsersGrain>($"{_region}/{tenantName?.Trim().ToLowerInvariant()}")
            .Create(operatorToken, user);

    public async Task<SignedInView> OperatorGrant(string operatorToken)
    {
        var grant = desk.Issuer.ForOperator();
        await Admit(operatorToken, new(AuditAct.OperatorGrant, true, time.GetUtcNow()) { Session = grant.Session });
        await GrainFactory.SessionsOf(desk.Ring.Region, null, grant.Session).Open(
            new(grant.Session, grant.User, grant.IssuedAt, grant.ExpiresAt, null, null));
        // A rotation ends grants after the change: it either found this one, or is seen here.
        desk.Operators.Check(operatorToken);
        return desk.Issuer.Sign(grant);
    }

    public async Task<GatewayDocuments> Documents()
    {
        var all = await GrainFactory.GetGrain<IQueueKeysGrain>(_region).Current();
        // Also those that nobody may seal to any more: silos check old segments with them.
        var weeks = all.Select(key => key.Week).ToArray();
        if (!weeks.SequenceEqual(_state.Value.QueueWeeks))
            await _state.WriteAsync(_state.Value with { Version = _state.Value.Version + 1, QueueWeeks = weeks });
        return _papers.Of(_state.Value, all);
    }

    public async Task<GatewayDocuments?> News(DocumentsIssue? known)
    {
        var documents = await Documents();
        return documents.Issue == known ? null : documents;
    }

    Task<Guid[]> ITenantListGrain.Ids() =>
        Task.FromResult(_state.Value.Tenants.Select(tenant => tenant.Id).ToArray());

    /// <summary>The operator token is right, and that is on record; or it is wrong, and that is on record.</summary>
    private async Task Admit(string operatorToken, AuditEntry entry)
    {
        var audit = GrainFactory.GetGrain<IAuditGrain>(_region);
        try
        {
            desk.Operators.Check(operatorToken);
        }
        catch (ControlException refusal)
        {
            await audit.Append((entry with { Granted = false, Reason = refusal.Message, Session = null }), null);
            throw;
        }
        await audit.Append(entry, null);
    }

    private Journal NewJournal(string address) => new(address, desk.Random.NextId());

    private TenantView View(DirectoryTenant tenant) => new(
        tenant.Id, tenant.Name, _region, [.. tenant.Journals.Select(journal => journal.Address)], _state.Value.Version)
    {
        JournalDomains = [.. tenant.Domains.Select(domain => domain.Address)],
        Suspended = tenant.Suspended,
        MessageBytesMax = tenant.MessageBytesMax,
        MessagesPerMinuteMax = tenant.MessagesPerMinuteMax,
    };
}
