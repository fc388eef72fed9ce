using System.Text;
using AMA.Archive.Access;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Persons = AMA.Tests.Cluster.Control.SignIn.People;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>Who may send a tenant's mail, who says so, and what gateways are told of it.</summary>
public sealed class SourcesTests : IAsyncLifetime
{
    private static readonly string Fingerprint = new('a', 64);
    private ControlWorld _world = null!;
    private Persons _people = null!;
    private byte[] _signingKey = [];

    private ISourcesGrain Sources => _world.Grain<ISourcesGrain>($"eu/{Persons.Tenant}");

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        _people = await Persons.AtANewTenantAsync(_world);
        using var gateway = await TestSilo.EnrolledAsync(_world, "gateway-1", PeerRole.Gateway);
        _signingKey = gateway.SigningKey;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task NewTenant_HasOneSource_WhoseSecretIsToldOnce_AndPublishedAsAHash()
    {
        var made = await _world.CreateTenantAsync("fresh", "journal@fresh.example");
        var source = Assert.Single(made.Sources);
        Assert.Equal("auth", source.Kind);
        Assert.StartsWith("fresh.", source.User);
        var published = (await PublishedAsync()).Single(tenant => tenant.Tenant == made.Id);
        Assert.Equal(
            (source.Id, SourceKind.Auth, source.User), (published.Sources[0].Id, published.Sources[0].Kind, published.Sources[0].Match));
        Assert.Equal(SourceSecret.Hash(Encoding.UTF8.GetBytes(source.Password!)), published.Sources[0].Secret);
        var listed = await _world.Grain<ISourcesGrain>("eu/fresh").List(_world.OperatorToken);
        Assert.Equal(made.Id, listed.Tenant);
        Assert.Null(Assert.Single(listed.Sources).Password);
        Assert.All(await _world.Directory.Tenants(_world.OperatorToken), tenant => Assert.Empty(tenant.Sources));
    }

    [Fact]
    public async Task Sources_AreAddedAndRemoved_ByTheTenantsAdmin_AndGatewaysAreTold()
    {
        var admin = await _people.AdminAsync();
        var first = Assert.Single((await Sources.List(admin)).Sources);
        var network = (await Sources.Add(admin, new("network", "192.0.2.0/24", null))).Source;
        var certificate = (await Sources.Add(admin, new("certificate", null, Fingerprint.ToUpperInvariant()))).Source;
        Assert.Equal(("192.0.2.0/24", Fingerprint), (network.Cidr, certificate.Sha256));
        var removed = await Sources.Remove(admin, first.Id);
        Assert.Equal(first.Id, removed.Source.Id);
        var published = Assert.Single(await PublishedAsync());
        Assert.Equal([network.Id, certificate.Id], published.Sources.Select(source => source.Id));
        Assert.True((await Sources.Remove(admin, network.Id)).DirectoryVersion > removed.DirectoryVersion);

        await Refusal.IsAsync(ControlRefusal.Conflict, () => Sources.Remove(admin, certificate.Id));
        await Refusal.IsAsync(ControlRefusal.NotFound, () => Sources.Remove(admin, network.Id));
        await Refusal.IsAsync(
            ControlRefusal.Conflict, () => Sources.Add(admin, new("certificate", null, Fingerprint)));
    }

    [Fact]
    public async Task Source_IsExpectedAsOftenAsItsTenantsAdminSays_FromThenOn()
    {
        var admin = await _people.AdminAsync();
        var source = Assert.Single((await Sources.List(admin)).Sources);
        Assert.Null(source.ExpectedSeconds);
        Assert.Equal(7_200, (await Sources.Expect(admin, source.Id, 7_200)).Source.ExpectedSeconds);
        Assert.Equal(7_200, Assert.Single((await Sources.List(admin)).Sources).ExpectedSeconds);
        var published = Assert.Single(Assert.Single(await PublishedAsync()).Sources);
        Assert.Equal(7_200, published.ExpectedSeconds);
        Assert.NotNull(published.ExpectedSince);

        var auditor = await _people.TokenOfAsync("an.auditor", "auditor");
        await Refusal.IsAsync(ControlRefusal.NotAllowed, () => Sources.Expect(auditor, source.Id, 7_200));
        await Refusal.IsAsync(ControlRefusal.NotFound, () => Sources.Expect(admin, Guid.Empty, 7_200));
        foreach (var seconds in new[] { -1, SourceRules.ExpectedSecondsMin - 1, SourceRules.ExpectedSecondsMax + 1 })
            await Refusal.IsAsync(ControlRefusal.Invalid, () => Sources.Expect(admin, source.Id, seconds));
        await Sources.Expect(admin, source.Id, 0);
        published = Assert.Single(Assert.Single(await PublishedAsync()).Sources);
        Assert.Null(published.ExpectedSeconds);
        Assert.Null(published.ExpectedSince);
    }

    [Theory]
    [InlineData("password", null, null)]
    [InlineData("network", "192.0.2.1/24", null)]
    [InlineData("network", "0.0.0.0/0", null)]
    [InlineData("network", null, null)]
    [InlineData("certificate", null, "abc")]
    [InlineData("auth", "192.0.2.0/24", null)]
    [InlineData("network", "192.0.2.0/24", "abc")]
    public async Task BadSource_IsInvalid(string kind, string? cidr, string? sha256) => await Refusal.IsAsync(
        ControlRefusal.Invalid, () => Sources.Add(_world.OperatorToken, new(kind, cidr, sha256)));

    [Fact]
    public async Task Threat_26_OnlyTheTenantsAdminsAndTheOperator_KeepSources_AndAllOfItIsOnRecord()
    {
        var auditor = await _people.TokenOfAsync("an.auditor", "auditor");
        var elsewhere = await _world.CreateTenantAsync("elsewhere", "journal@elsewhere.example");
        Assert.Single((await Sources.List(auditor)).Sources);
        await Refusal.IsAsync(ControlRefusal.NotAllowed, () => Sources.Add(auditor, new("auth", null, null)));
        await Refusal.IsAsync(
            ControlRefusal.NotAllowed, () => Sources.Remove(auditor, elsewhere.Sources[0].Id));
        var others = _world.Grain<ISourcesGrain>("eu/elsewhere");
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, async () => await others.List(await _people.AdminAsync()));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Sources.List("no token"));
        await Refusal.IsAsync(ControlRefusal.NotFound, () => Sources.Remove(_world.OperatorToken, elsewhere.Sources[0].Id));
        await Refusal.IsAsync(
            ControlRefusal.NotFound, () => _world.Grain<ISourcesGrain>("eu/nobody").List(_world.OperatorToken));

        var entries = await AuditTrail.ReadAsync(_world);
        Assert.Equal(1, entries.Count(entry => entry is { Act: AuditAct.SourceCreation, Granted: false, By: "an.auditor" }));
        Assert.Equal(2, entries.Count(entry => entry is { Act: AuditAct.SourceRemoval, Granted: false }));
        Assert.Contains(entries, entry => entry is { Act: AuditAct.SourceListing, Granted: true, By: "an.auditor" });
    }

    [Fact]
    public async Task SuspensionAndLimits_AreTheOperators_AndReachTheGateways()
    {
        await Refusal.IsAsync(ControlRefusal.NotAllowed, async () =>
            await Sources.Change(await _people.AdminAsync(), new() { Suspended = true }));
        var changed = await Sources.Change(
            _world.OperatorToken, new() { Suspended = true, MessageBytesMax = 1 << 20, MessagesPerMinuteMax = 60 });
        Assert.Equal((true, 1 << 20, 60), (changed.Suspended, changed.MessageBytesMax, changed.MessagesPerMinuteMax));
        var published = Assert.Single(await PublishedAsync());
        Assert.Equal((true, 1 << 20, 60), (published.Suspended, published.MessageBytesMax, published.MessagesPerMinuteMax));
        await Sources.Change(_world.OperatorToken, new() { Suspended = false, MessageBytesMax = 0, MessagesPerMinuteMax = 0 });
        published = Assert.Single(await PublishedAsync());
        Assert.Equal((false, null, null), (published.Suspended, published.MessageBytesMax, published.MessagesPerMinuteMax));
        await Refusal.IsAsync(
            ControlRefusal.Invalid, () => Sources.Change(_world.OperatorToken, new() { MessageBytesMax = 10 }));
    }

    [Fact]
    public async Task JournalDomain_IsOneTenantsOnly()
    {
        await CreateAsync("one", "a@one.example", "all.one.example");
        await Refusal.IsAsync(ControlRefusal.Conflict, () => CreateAsync("two", "a@two.example", "ALL.one.example"));
        await Refusal.IsAsync(ControlRefusal.Conflict, () => CreateAsync("two", "x@all.one.example"));
        await Refusal.IsAsync(ControlRefusal.Conflict, () => CreateAsync("two", "a@two.example", "one.example"));
        await Refusal.IsAsync(ControlRefusal.Invalid, () => CreateAsync("two", "a@two.example", "nohost"));
        var published = (await PublishedAsync()).Single(tenant => tenant.Domains.Length > 0);
        Assert.Equal("all.one.example", published.Domains[0].Domain);
    }

    private Task<TenantView> CreateAsync(string name, string address, params string[] domains) =>
        _world.Directory.CreateTenant(_world.OperatorToken, new NewTenant(name, [address]) { JournalDomains = domains });

    private async Task<PublishedTenant[]> PublishedAsync()
    {
        var documents = await _world.Directory.Documents();
        Assert.True(DirectoryDocument.TryVerify(documents.Directory, _signingKey, out var directory));
        return directory.Tenants;
    }
}
