using System.Security.Cryptography;
using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive;

/// <summary>Every edge of a lease's end, one by one and in random orders: no use later than its end.</summary>
public sealed class LeaseScheduleTests : IDisposable
{
    private const int Steps = 150;
    private const int NormalRuns = 50;
    private const int LongRuns = 1_000;

    private static readonly RetentionPart Part = new(new TenantId(new Guid(1, 2, 3, new byte[8])), 1, 24_441);

    private readonly TwoClocks _clocks = new();
    private readonly LeaseHolder _holder;

    public LeaseScheduleTests() => _holder = new(_clocks);

    public void Dispose() => _holder.Dispose();

    [Fact]
    public void Threat_38_FiftyRandomSchedules_UseNothingAfterItsEnd() => RunMany(NormalRuns);

    /// <summary>The long run: infra/soak.sh asks for explicit tests.</summary>
    [Fact(Explicit = true)]
    public void Threat_38_AThousandRandomSchedules_UseNothingAfterItsEnd() => RunMany(LongRuns);

    [Theory]
    [InlineData(-1_000), InlineData(1_000)]
    public void WallClockThatIsSet_MovesNoEnd(int hours)
    {
        var lease = Held(ttlSeconds: 100);
        _clocks.Wall += TimeSpan.FromHours(hours);
        Assert.True(lease.MayStart);
        _clocks.Advance(TimeSpan.FromSeconds(94.9));
        lease.Check();
        _clocks.Wall -= TimeSpan.FromHours(hours);
        _clocks.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Throws<LeaseEndedException>(lease.Check);
    }

    [Fact]
    public void ProcessThatWasPaused_BetweenCheckAndUse_IsRefusedWhenItWakes()
    {
        var lease = Held(ttlSeconds: 100);
        lease.Check();
        var key = _holder.IndexKey(Part)!.Key;
        _clocks.Advance(TimeSpan.FromHours(2)); // and no sweep ran
        Assert.Throws<LeaseEndedException>(lease.Check);
        Assert.Null(_holder.IndexKey(Part));
        _holder.Sweep();
        Assert.Throws<ObjectDisposedException>(() => key.Span.Length);
    }

    [Fact]
    public void RenewalThatArrivesAfterTheEnd_RevivesNothing()
    {
        var lease = Held(ttlSeconds: 100);
        _clocks.Advance(TimeSpan.FromSeconds(90));
        var sent = _clocks.GetTimestamp();
        _clocks.Advance(TimeSpan.FromSeconds(10));
        Assert.False(lease.Extend(sent, Grant(100)));
        Assert.True(lease.Ended);
    }

    [Fact]
    public void LateRenewal_ThatIsInTime_CountsFromItsSending()
    {
        var lease = Held(ttlSeconds: 100);
        _clocks.Advance(TimeSpan.FromSeconds(90));
        Assert.False(lease.MayStart);
        var sent = _clocks.GetTimestamp();
        _clocks.Advance(TimeSpan.FromSeconds(4));
        Assert.True(lease.Extend(sent, Grant(100)));
        Assert.True(lease.MayStart);
        _clocks.Advance(TimeSpan.FromSeconds(91.1)); // 90 s + 100 s - 5 s, from the start
        Assert.True(lease.Ended);
    }

    [Fact]
    public void GrantThatArrivesAfterItsOwnEnd_OpensNothing()
    {
        var sent = _clocks.GetTimestamp();
        _clocks.Advance(TimeSpan.FromSeconds(60));
        var lease = Lease();
        lease.Extend(sent, Grant(60));
        _holder.Put(lease);
        Assert.Null(_holder.IndexKey(Part));
    }

    [Fact]
    public void LeaseThatWasNotRenewed_RaisesItsAlarmOnce_InItsLastStretch()
    {
        var lease = Held(ttlSeconds: 3_600);
        Assert.False(lease.AlarmDue());
        _clocks.Advance(TimeSpan.FromSeconds(3_600 - 5 - 30));
        Assert.True(lease.AlarmDue());
        Assert.False(lease.AlarmDue());
        Assert.True(lease.Extend(_clocks.GetTimestamp(), Grant(3_600)));
        _clocks.Advance(TimeSpan.FromSeconds(3_600 - 5 - 30));
        Assert.True(lease.AlarmDue());
    }

    private static void RunMany(int runs)
    {
        var first = RandomNumberGenerator.GetInt32(int.MaxValue - LongRuns);
        var (uses, refused) = (0, 0);
        for (var seed = first; seed < first + runs; seed++)
        {
            using var schedule = new LeaseSchedule(seed);
            try
            {
                schedule.Run(Steps);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}", e);
            }
            (uses, refused) = (uses + schedule.Uses, refused + schedule.Refused);
        }
        // A run in which nothing was used, or nothing was too late, would prove nothing.
        Assert.True(uses > runs && refused > runs / 2, $"seed {first}: {uses} uses, {refused} refused");
    }

    private HeldLease Held(int ttlSeconds)
    {
        var lease = Lease();
        lease.Extend(_clocks.GetTimestamp(), Grant(ttlSeconds));
        _holder.Put(lease);
        return lease;
    }

    private HeldLease Lease()
    {
        var lease = new HeldLease(SystemRandom.Instance.NextId(), LeasePurpose.Ingest, 1, _clocks)
        {
            Tenant = Part.Tenant,
        };
        lease.Take([new(LeasedKeyKind.Ixk, 1, Part.Class, Part.Epoch, 0, 0, 0, Secret.Random(SystemRandom.Instance))]);
        return lease;
    }

    private static LeaseGrant Grant(int ttl) => new(
        default, Part.Tenant.Value, "silo", LeasePurpose.Ingest, 0, ttl, ttl / 3, 86_400, [], LeaseSuite.Hybrid, [], []);
}
