using AMA.Archive.Ids;
using AMA.Gateway.Web.Clusters;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Tests.Unit.Gateway.Web;

/// <summary>Stands where the two clusters are. A member is what a test puts there; the rest is not asked for.</summary>
internal sealed class FakeClusters : IClusters
{
    public bool ProductionReady { get; set; } = true;
    public bool ControlReady { get; set; } = true;
    public FakeArchive Archive { get; } = new();
    public FakeControl Control { get; } = new();
    public FakeDecisions Decisions { get; } = new();

    public ISearchGrain Search(TenantId tenant)
    {
        Archive.AskedTenants.Add(tenant);
        return Reached(ProductionReady, "production", Archive);
    }

    public FakeDeliveries Received { get; } = new();

    public IDeliveriesGrain Deliveries(TenantId tenant)
    {
        Archive.AskedTenants.Add(tenant);
        return Reached(ProductionReady, "production", Received);
    }

    public IRegionReceiptsGrain RegionReceipts() => Reached(ProductionReady, "production", Received);

    public IRegionGrain Totals() => Reached(ProductionReady, "production", Archive);
    public IRelayGrain Relay() => Reached(ProductionReady, "production", Archive);
    public IDirectoryGrain Directory() => Reached(ControlReady, "control", Control);

    public ISignInGrain SignIn(TenantName tenant)
    {
        Control.SignInTenants.Add(tenant.ToString());
        return Reached(ControlReady, "control", Control);
    }

    public IOwnAccountGrain OwnAccount(TenantName tenant)
    {
        Control.SignInTenants.Add(tenant.ToString());
        return Reached(ControlReady, "control", Control);
    }

    public IUsersGrain Users(TenantName tenant)
    {
        Control.KeptTenants.Add(tenant.ToString());
        return Reached(ControlReady, "control", Control.Users);
    }

    public ISourcesGrain Sources(TenantName tenant) => Reached(ControlReady, "control", Control.Sources);

    public IAuditReaderGrain Audit() => Reached(ControlReady, "control", Control.Audit);

    public IJobsGrain Jobs(TenantId tenant) => Reached(ControlReady, "control", Decisions);

    public IExportsGrain Exports(TenantId tenant) => Reached(ControlReady, "control", Decisions);

    public IErasureOrdersGrain Erasures(TenantId tenant) => Decisions;

    public ILeasePolicyGrain LeasePolicy(TenantId tenant) => Reached(ControlReady, "control", Decisions);

    private static T Reached<T>(bool ready, string name, T grain) =>
        ready ? grain : throw new ClusterAwayException(name);
}

internal sealed class FakeArchive : ISearchGrain, IRegionGrain, IRelayGrain
{
    public List<TenantId> AskedTenants { get; } = [];
    public List<(string Query, int Limit, string? Cursor)> Searches { get; } = [];
    public List<long> Published { get; } = [];
    public List<string> Tokens { get; } = [];
    public Exception? Failure { get; set; }
    public Exception? PublishFailure { get; set; }
    public MessagePage Page { get; set; } = new([], 0, null);
    public MessageView? View { get; set; }
    public byte[][] Pieces { get; set; } = [];
    public StatusView Counters { get; set; } = new(0, 0, 0, 0, 0, 0, 0, "none", null);

    public SourceCountView[] Sources { get; set; } = [];

    /// <summary>Answered first, one after the other.</summary>
    public Queue<StatusView> CountersInTurn { get; } = new();

    /// <summary>Thrown by <see cref="Raw"/> after this many pieces.</summary>
    public int FailAfterPieces { get; set; } = int.MaxValue;

    public Task<MessagePage> Search(string accessToken, string query, int limit, string? cursor)
    {
        Searches.Add((query, limit, cursor));
        return Answer(accessToken, Page);
    }

    public Task<MessageView> Message(string accessToken, Guid recordId) => Answer(accessToken, View!);

    public async IAsyncEnumerable<RawPiece> Raw(string accessToken, Guid recordId)
    {
        await Answer(accessToken, 0);
        for (var i = 0; i < Pieces.Length; i++)
        {
            if (i >= FailAfterPieces) throw new TimeoutException("lost");
            yield return new(Pieces[i]);
        }
    }

    public Task LookForErasures(string accessToken) => Task.CompletedTask;

    Task<StatusView> ISearchGrain.Status(string accessToken) =>
        Answer(accessToken, CountersInTurn.TryDequeue(out var next) ? next : Counters);

    Task<StatusView> IRegionGrain.Status(string accessToken) =>
        Answer(accessToken, Counters with { LeaseState = "region" });

    Task<SourceCountView[]> IRegionGrain.Sources(string accessToken, Guid tenant) => Answer(accessToken, Sources);

    public Task<AlarmView[]> Alarms(string accessToken, Guid tenant) => Answer<AlarmView[]>(accessToken, []);

    public Task<bool> Publish(long version)
    {
        Published.Add(version);
        return PublishFailure is null ? Task.FromResult(true) : Task.FromException<bool>(PublishFailure);
    }

    public Task Tend() => throw new NotSupportedException();
    public Task<RelayedDocuments?> Next(Guid gateway, long knownVersion) => throw new NotSupportedException();
    private Task<T> Answer<T>(string token, T answer)
    {
        Tokens.Add(token);
        return Failure is null ? Task.FromResult(answer) : Task.FromException<T>(Failure);
    }
}

internal sealed class FakeControl : IDirectoryGrain, ISignInGrain, IOwnAccountGrain
{
    public FakeAudit Audit { get; } = new();

    public FakeSources Sources { get; } = new();

    public FakeControl() => Users = new(this);

    public FakeUsers Users { get; }
    public List<string> KeptTenants { get; } = [];
    public List<Credentials> Shown { get; } = [];
    public List<NewTenant> NewTenants { get; } = [];
    public List<string> SignInTenants { get; } = [];
    public List<string> OperatorTokens { get; } = [];
    public List<NewUser> NewUsers { get; } = [];
    public Exception? Failure { get; set; }
    public DateTimeOffset ExpiresAt { get; set; } = new(2026, 12, 1, 12, 0, 0, TimeSpan.FromHours(2));

    public Task<TenantView> CreateTenant(string operatorToken, NewTenant tenant)
    {
        NewTenants.Add(tenant);
        return Answer(operatorToken, new TenantView(default, tenant.Name, "eu", tenant.JournalAddresses, 7)
        {
            Sources = [new(new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5), "auth", "acme.abcd", "told once", null, null)],
        });
    }

    public Task<TenantView[]> Tenants(string operatorToken) => throw new NotSupportedException();

    public Task<UserView> CreateUser(string operatorToken, string tenantName, NewUser user)
    {
        NewUsers.Add(user);
        return Answer(operatorToken, new UserView(user.User, user.Role, user.Addresses, user.Password ?? "made-once"));
    }

    public Task<SignedInView> OperatorGrant(string operatorToken) =>
        Answer(operatorToken, new SignedInView("granted", ExpiresAt));

    public Task<GatewayDocuments> Documents() => throw new NotSupportedException();

    public Task<GatewayDocuments?> News(DocumentsIssue? known) => throw new NotSupportedException();

    public Task<SignedInView> SignIn(Credentials credentials)
    {
        Shown.Add(credentials);
        return Answer("", SignedIn);
    }

    public Task<SignedInView> Renew(string renewal) => Answer(renewal, SignedIn);
    public Task SignOut(string accessToken) => Answer(accessToken, 0);

    public Task<SessionView[]> Sessions(string accessToken) => Answer<SessionView[]>(
        accessToken, [new(new("77777777777777777777777777777777"), ExpiresAt, ExpiresAt, "192.0.2.1", true)]);

    public Task EndSession(string accessToken, Guid session) => Answer(accessToken, 0);

    public Task<SecondFactorView> Enrol(Credentials credentials) =>
        Show(credentials, new SecondFactorView("SECRET", "otpauth://totp/AMA%20acme%3Aeve?secret=SECRET"));

    public Task<ConfirmedView> Confirm(Credentials credentials) =>
        Show(credentials, new ConfirmedView(["aaaaa-bbbbb-ccccc"], SignedIn));

    public Task Remove(Credentials credentials) => Show(credentials, 0);
    public Task<string[]> NewRecoveryCodes(Credentials credentials) => Show<string[]>(credentials, ["ddddd-eeeee-fffff"]);
    public Task ChangePassword(Credentials credentials, string newPassword) => Show(credentials, 0);

    public string Renewal { get; set; } = "acme.7.renewal";

    private SignedInView SignedIn => new("session", ExpiresAt, Renewal, ExpiresAt.AddHours(8));

    private Task<T> Show<T>(Credentials credentials, T answer)
    {
        Shown.Add(credentials);
        return Answer("", answer);
    }

    /// <summary>Thrown by the next call alone.</summary>
    public Exception? FailureOnce { get; set; }

    internal Task<T> Answer<T>(string token, T answer)
    {
        OperatorTokens.Add(token);
        if (FailureOnce is { } once)
        {
            FailureOnce = null;
            return Task.FromException<T>(once);
        }
        return Failure is null ? Task.FromResult(answer) : Task.FromException<T>(Failure);
    }
}

internal sealed class FakeUsers(FakeControl control) : IUsersGrain
{
    public List<(string User, UserChange Change)> Changes { get; } = [];

    public Task<UserView> Create(string token, NewUser user)
    {
        control.NewUsers.Add(user);
        return control.Answer(token, new UserView(user.User, user.Role, user.Addresses, user.Password ?? "made-once"));
    }

    public Task<UserView[]> List(string token) =>
        control.Answer<UserView[]>(token, [new("eve", "auditor", [], null) { SecondFactor = true }]);

    public Task<UserView> Change(string token, string user, UserChange change)
    {
        Changes.Add((user, change));
        return control.Answer(token, new UserView(user, change.Role ?? "user", change.Addresses ?? [], null)
        {
            Disabled = change.Disabled ?? false,
        });
    }

    public Task Remove(string token, string user) => control.Answer(token, user);

    public Task<UserView> ResetPassword(string token, string user) =>
        control.Answer(token, new UserView(user, "user", [], "made-once") { MustChangePassword = true });

    public Task<UserView> Approve(string token, string user) =>
        control.Answer(token, new UserView(user, "security-officer-tenant", [], null));

    public Task SetSecondFactor(string token, string rule) => control.Answer(token, rule);
}
