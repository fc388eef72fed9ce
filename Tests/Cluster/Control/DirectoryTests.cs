using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

public sealed class DirectoryTests : IAsyncLifetime
{
    private ControlWorld _world = null!;
    private byte[] _signingKey = [];

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        using var gateway = await TestSilo.EnrolledAsync(_world, "gateway-1", PeerRole.Gateway);
        _signingKey = gateway.SigningKey;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task CreatedTenant_StandsInTheNextSignedDirectory()
    {
        var empty = await DocumentsAsync();
        var tenant = await _world.Directory.CreateTenant(
            _world.OperatorToken, new NewTenant("Quiet-Harbour", ["Journal@Quiet-Harbour.example", "b@x.example"]));

        Assert.Equal("quiet-harbour", tenant.Name);
        Assert.Equal("eu", tenant.Region);
        Assert.Equal(["journal@quiet-harbour.example", "b@x.example"], tenant.JournalAddresses);
        var directory = await DocumentsAsync();
        Assert.Equal(tenant.DirectoryVersion, directory.Version);
        Assert.True(directory.Version > empty.Version);
        Assert.Equal(Region.Eu, directory.Region);
        var published = Assert.Single(directory.Tenants);
        Assert.Equal(tenant.Id, published.Tenant);
        Assert.Equal(tenant.JournalAddresses, published.Addresses.Select(entry => entry.Address));
        Assert.Equal(2, published.Addresses.Select(entry => entry.Mailbox).Distinct().Count());
        Assert.Equal(2, (await _world.Directory.Tenants(_world.OperatorToken)).Single().JournalAddresses.Length);
    }

    [Fact]
    public async Task Documents_AreKeptUntilSomethingChanges_AndSignedAnewHourly()
    {
        var first = await _world.Directory.Documents();
        _world.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(first.Directory, (await _world.Directory.Documents()).Directory);
        Assert.Null(await _world.Directory.News(first.Issue)); // tens of megabytes, in a large region
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(await _world.Directory.News(first.Issue));
        var later = await _world.Directory.Documents();
        Assert.Equal(first.DirectoryVersion, later.DirectoryVersion);
        Assert.NotEqual(first.Directory, later.Directory);
    }

    [Theory]
    [InlineData("", "a@b.example")]
    [InlineData("spaced name", "a@b.example")]
    [InlineData("über", "a@b.example")]
    [InlineData("good", "nobody")]
    [InlineData("good", "a@b@c.example")]
    [InlineData("good", "\"quoted\"@b.example")]
    [InlineData("good", "a@-b.example")]
    [InlineData("good", "a@b.example\r\nX: y")]
    public async Task BadNameOrAddress_IsInvalid(string name, string address) => await Refusal.IsAsync(
        ControlRefusal.Invalid,
        () => _world.Directory.CreateTenant(_world.OperatorToken, new NewTenant(name, [address])));

    [Fact]
    public async Task NamesAndAddresses_BelongToOneTenantOnly()
    {
        await _world.CreateTenantAsync();
        await Refusal.IsAsync(ControlRefusal.Conflict, () => _world.CreateTenantAsync("QUIET-HARBOUR", "x@y.example"));
        await Refusal.IsAsync(
            ControlRefusal.Conflict, () => _world.CreateTenantAsync("other", "JOURNAL@quiet-harbour.EXAMPLE"));
        await Refusal.IsAsync(ControlRefusal.Invalid, () => _world.Directory.CreateTenant(
            _world.OperatorToken, new NewTenant("other", ["a@b.example", "A@B.example"])));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not the token")]
    public async Task WithoutTheOperatorToken_NothingIsDone_AndThatIsOnRecord(string? token)
    {
        var directory = _world.Directory;
        await Refusal.IsAsync(
            ControlRefusal.NotAuthorised, () => directory.CreateTenant(token!, new NewTenant("x", ["a@b.example"])));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => directory.Tenants(token!));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => directory.OperatorGrant(token!));
        await Refusal.IsAsync(
            ControlRefusal.NotAuthorised, () => directory.CreateUser(token!, "x", new NewUser("u", "user", [], null)));

        Assert.Empty(await directory.Tenants(_world.OperatorToken));
        var refused = (await AuditTrail.ReadAsync(_world)).Where(entry => !entry.Granted).Select(entry => entry.Act);
        Assert.Equal(
            [AuditAct.TenantCreation, AuditAct.TenantListing, AuditAct.OperatorGrant, AuditAct.UserCreation], refused);
    }

    [Fact]
    public async Task OperatorGrant_HasNoTenant()
    {
        var signedIn = await _world.Directory.OperatorGrant(_world.OperatorToken);
        Assert.True(AccessGrant.TryVerify(signedIn.Token, _signingKey, _world.Clock.GetUtcNow(), out var grant));
        Assert.True(grant is { Role: AccessRole.Operator, Tenant: null });
    }

    [Fact]
    public async Task QueueKeys_AreMadeTwoDaysAhead_AndValidThirtyDays()
    {
        Assert.Equal(DayOfWeek.Wednesday, _world.Clock.GetUtcNow().DayOfWeek);
        var week = QueueWeek.Of(_world.Clock.GetUtcNow());
        var first = Assert.Single((await QueueKeysAsync()).Keys);
        Assert.Equal((week, TimeSpan.FromDays(30)), (first.KeyId, first.NotAfter - first.NotBefore));

        _world.Clock.Advance(TimeSpan.FromDays(3)); // Saturday
        var ahead = await QueueKeysAsync();
        Assert.Equal([week, week + 1], ahead.Keys.Select(key => key.KeyId));
        Assert.True(ahead.Keys[1].NotBefore > _world.Clock.GetUtcNow());
        Assert.Equal(first.PublicKey, ahead.Keys[0].PublicKey);

        _world.Clock.Advance(TimeSpan.FromDays(40));
        var later = await QueueKeysAsync();
        // Old ones stay to be seen: nobody seals to them, but silos check old segments with them.
        Assert.Equal(week, later.Keys[0].KeyId);
        Assert.Contains(later.Keys, key => key.NotAfter > _world.Clock.GetUtcNow());
    }

    [Fact]
    public async Task NewQueueKey_MakesANewDirectoryVersion()
    {
        var before = await _world.Directory.Documents();
        _world.Clock.Advance(TimeSpan.FromDays(7));
        Assert.True((await _world.Directory.Documents()).DirectoryVersion > before.DirectoryVersion);
    }

    private async Task<DirectoryDocument> DocumentsAsync()
    {
        var documents = await _world.Directory.Documents();
        Assert.True(DirectoryDocument.TryVerify(documents.Directory, _signingKey, out var directory));
        Assert.Equal(documents.DirectoryVersion, directory.Version);
        return directory;
    }

    private async Task<QueueKeysDocument> QueueKeysAsync()
    {
        Assert.True(QueueKeysDocument.TryVerify(
            (await _world.Directory.Documents()).QueueKeys, _signingKey, out var keys));
        return keys;
    }
}
