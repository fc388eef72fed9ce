using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive;

/// <summary>A revocation ends a lease in the silo that holds it, at once, wherever the lease is just then.</summary>
public sealed class RevokedLeaseTests : IDisposable
{
    private static readonly RetentionPart Part = new(new TenantId(new Guid(1, 2, 3, new byte[8])), 1, 24_441);
    private static readonly Guid Session = new(4, 5, 6, new byte[8]);

    private readonly FakeTimeProvider _time = new();
    private readonly LeaseHolder _holder;
    private int _told;

    public RevokedLeaseTests()
    {
        _holder = new(_time);
        _holder.SomeEnded += () => _told++;
    }

    public void Dispose() => _holder.Dispose();

    [Fact]
    public void Threat_38_RevokedTenant_LosesItsKeysAtOnce_AndIndexesAreTold()
    {
        var lease = Lease();
        _holder.Put(lease);
        var key = _holder.IndexKey(Part)!.Key;

        Assert.Equal(1, _holder.Revoke(Revocation.OfTenant(Part.Tenant.Value, held: false)));

        Assert.True(key.IsDisposed);
        Assert.Null(_holder.IndexKey(Part));
        Assert.Throws<LeaseEndedException>(lease.Check);
        Assert.Equal(1, _told);
    }

    [Fact]
    public void RevokedSession_EndsOnlyItsOwnLeases()
    {
        _holder.Put(Lease(session: Session));
        var other = Lease();
        _holder.Put(other);
        Assert.Equal(1, _holder.Revoke(Revocation.OfSession(Session)));
        Assert.False(other.Ended);
        Assert.NotNull(_holder.IndexKey(Part));
    }

    [Fact]
    public void AnswerThatWasOnItsWay_WhenItWasRevoked_OpensNothing()
    {
        var lease = Lease(); // asked for before …
        _time.Advance(TimeSpan.FromSeconds(1));
        _holder.Revoke(Revocation.OfTenant(Part.Tenant.Value, held: false));
        _time.Advance(TimeSpan.FromSeconds(1));
        _holder.Put(lease); // … and here only afterwards
        Assert.True(lease.Ended);
        Assert.Null(_holder.IndexKey(Part));
    }

    [Fact]
    public void LeaseAskedForAfterwards_IsGood()
    {
        _holder.Revoke(Revocation.OfTenant(Part.Tenant.Value, held: false));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var lease = Lease();
        _holder.Put(lease);
        Assert.False(lease.Ended);
    }

    [Fact]
    public void RenewalThatArrivesAfterTheRevocation_BringsNothingBack()
    {
        var lease = Lease();
        _holder.Put(lease);
        var sent = _time.GetTimestamp();
        _holder.Revoke(Revocation.OfLease(lease.Id));
        lease.Extend(sent, Grant(3_600));
        Assert.True(lease.Ended);
        Assert.All(lease.Keys, key => Assert.True(key.Key.IsDisposed));
    }

    private HeldLease Lease(Guid? session = null)
    {
        var lease = new HeldLease(SystemRandom.Instance.NextId(), LeasePurpose.Search, 0, _time)
        {
            Tenant = Part.Tenant, Session = session,
        };
        lease.Extend(_time.GetTimestamp(), Grant(600));
        lease.Take([new(LeasedKeyKind.Ixk, 1, Part.Class, Part.Epoch, 0, 0, 0, Secret.Random(SystemRandom.Instance))]);
        return lease;
    }

    private static LeaseGrant Grant(int ttlSeconds) =>
        new(default, Part.Tenant.Value, "silo", LeasePurpose.Search, 0, ttlSeconds, 0, 86_400, [], LeaseSuite.X25519, [], []);
}
