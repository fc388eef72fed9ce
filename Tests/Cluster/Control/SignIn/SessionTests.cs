using AMA.Archive.Access;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control.SignIn;

public sealed class SessionTests : IAsyncLifetime
{
    private const string Password = People.Password;

    private ControlWorld _world = null!;
    private People _people = null!;
    private string _admin = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        _people = await People.AtANewTenantAsync(_world);
        _admin = await _people.TokenOfAsync("anna", "tenant-admin");
        await _people.CreateAsync("eve", "user", _admin);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Renewal_GoesOnUntilTheSessionEnds_AndNoLonger()
    {
        var signedIn = await _people.SignIn.SignIn(new("eve", Password));
        var end = signedIn.SessionEndsAt!.Value;
        _world.Clock.Advance(TimeSpan.FromMinutes(16));
        await OverAsync(signedIn.Token);
        var renewed = await _people.SignIn.Renew(signedIn.Renewal!);
        Assert.Single(await _people.SignIn.Sessions(renewed.Token));
        await _world.RestartAsync();
        _world.Clock.Advance(end - TimeSpan.FromMinutes(1) - _world.Clock.GetUtcNow());
        var last = await _people.SignIn.Renew(renewed.Renewal!);
        Assert.Equal(end, last.ExpiresAt);
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.Renew(last.Renewal!));
    }

    [Fact]
    public async Task Renewal_ReadsRoleAndAddressesAnew()
    {
        var signedIn = await _people.SignIn.SignIn(new("eve", Password));
        await _people.Users.Change(_admin, "eve", new() { Addresses = ["Eve@New.example"] });
        var renewed = await _people.SignIn.Renew(signedIn.Renewal!);
        Assert.True(AccessGrant.TryReadUnverified(renewed.Token, out var grant));
        Assert.Equal(["eve@new.example"], grant.Addresses);
    }

    /// <summary>A stolen secret works beside its owner's only until the second of the two comes.</summary>
    [Fact]
    public async Task RenewalSecret_ChangesAtEachUse_AndAnOldOneEndsTheSession_OnRecord()
    {
        var stolen = (await _people.SignIn.SignIn(new("eve", Password))).Renewal!;
        var owner = await _people.SignIn.Renew(stolen);
        Assert.NotEqual(stolen, owner.Renewal);
        Assert.Equal(owner.Renewal, (await _people.SignIn.Renew(stolen)).Renewal); // the answer was lost
        _world.Clock.Advance(SessionRenewal.Grace);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.Renew(stolen));

        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.Renew(owner.Renewal!));
        await OverAsync(owner.Token);
        Assert.True(AccessGrant.TryReadUnverified(owner.Token, out var grant));
        var told = await _world.Grain<IRevocationsGrain>("eu").Since(0);
        Assert.Contains(told.Revocations, revoked => revoked.Subject == grant.Session);
        Assert.Single(await AuditTrail.ReadAsync(_world), entry => entry is { Act: AuditAct.SessionEnd, Person: "eve" }
            && entry.Session == grant.Session && entry.Reason!.Contains("two hold it"));
    }

    /// <summary>A session's id is no secret: it stands in lists and in records.</summary>
    [Fact]
    public async Task WhoKnowsOnlyASessionsId_EndsNothing()
    {
        var opened = await _people.SignIn.SignIn(new("eve", Password));
        Assert.True(AccessGrant.TryReadUnverified(opened.Token, out var grant));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () =>
            _people.SignIn.Renew($"{People.Tenant}.{grant.Session:N}.AAAA.BBBB"));
        await _people.SignIn.Renew(opened.Renewal!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("strict-harbour.x.y")]
    [InlineData("strict-harbour.00000000000000000000000000000001.AAAA")]
    [InlineData("strict-harbour.00000000000000000000000000000001.AAAA.BBBB")]
    public async Task ForgedRenewal_IsRefused(string renewal) =>
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.Renew(renewal));

    [Fact]
    public async Task AnotherSessionsSecret_RenewsNothing()
    {
        var (one, other) = (await _people.SignIn.SignIn(new("eve", Password)),
            await _people.SignIn.SignIn(new("eve", Password)));
        var mixed = one.Renewal![..one.Renewal!.LastIndexOf('.')] + other.Renewal![other.Renewal!.LastIndexOf('.')..];
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.Renew(mixed));
    }

    [Fact]
    public async Task Threat_32_EverySignIn_GetsASessionOfItsOwn()
    {
        var sessions = new HashSet<Guid>();
        for (var i = 0; i < 3; i++)
        {
            Assert.True(AccessGrant.TryReadUnverified(
                (await _people.SignIn.SignIn(new("eve", Password))).Token, out var grant));
            sessions.Add(grant.Session);
        }
        Assert.Equal(3, sessions.Count);
    }

    [Fact]
    public async Task SignOut_EndsTheSessionWithEveryCopy_AndOthersStay()
    {
        var (one, other) = (await _people.SignIn.SignIn(new("eve", Password)),
            await _people.SignIn.SignIn(new("eve", Password)));
        await _people.SignIn.SignOut(one.Token);
        await OverAsync(one.Token);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.Renew(one.Renewal!));
        Assert.Single(await _people.SignIn.Sessions(other.Token));
        Assert.True(AccessGrant.TryReadUnverified(one.Token, out var grant));
        var told = await _world.Grain<IRevocationsGrain>("eu").Since(0);
        Assert.Contains(told.Revocations, revoked => revoked.Kind == "session" && revoked.Subject == grant.Session);
    }

    [Fact]
    public async Task OneSession_EndsAnotherOfTheSamePerson_NobodyElses()
    {
        var (one, other) = (await _people.SignIn.SignIn(new("eve", Password)),
            await _people.SignIn.SignIn(new("eve", Password)));
        var id = (await _people.SignIn.Sessions(one.Token)).Single(session => !session.Own).Id;
        await Refusal.IsAsync(ControlRefusal.NotFound, () => _people.SignIn.EndSession(_admin, id));
        await _people.SignIn.EndSession(one.Token, id);
        await OverAsync(other.Token);
        Assert.Single(await _people.SignIn.Sessions(one.Token));
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("remove")]
    [InlineData("role")]
    [InlineData("reset")]
    [InlineData("password")]
    public async Task WhatTakesAPersonsStanding_EndsTheirSessionsAtOnce(string act)
    {
        var signedIn = await _people.SignIn.SignIn(new("eve", Password));
        await (act switch
        {
            "disable" => _people.Users.Change(_admin, "eve", new() { Disabled = true }),
            "remove" => _people.Users.Remove(_admin, "eve"),
            "role" => _people.Users.Change(_admin, "eve", new() { Role = "auditor" }),
            "reset" => _people.Users.ResetPassword(_admin, "eve"),
            _ => _people.Own.ChangePassword(new("eve", Password), "another horse battery"),
        });
        await OverAsync(signedIn.Token);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.Renew(signedIn.Renewal!));
    }

    private Task<string> OverAsync(string token) =>
        Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.Sessions(token));
}
