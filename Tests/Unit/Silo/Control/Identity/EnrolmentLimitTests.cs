using System.Net;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Silo.Control.Identity;
using Xunit;

namespace AMA.Tests.Unit.Silo.Control.Identity;

public class EnrolmentLimitTests
{
    private static readonly IPAddress Bad = IPAddress.Parse("198.51.100.7");
    private static readonly IPAddress Good = IPAddress.Parse("203.0.113.9");

    private readonly TwoClocks _time = new();
    private readonly EnrolmentLimit _limit;

    public EnrolmentLimitTests() => _limit = new(_time);

    [Fact]
    public void Threat_39_OneAddressesFlood_StopsNobodyElse()
    {
        Exhaust(() => _limit.TryTake(Bad), EnrolmentLimit.AddressMax);
        Assert.False(_limit.TryTake(Bad.MapToIPv6())); // the same one
        Assert.True(_limit.TryTake(Good));
    }

    [Fact]
    public void Threat_39_AddressesOfOneNetwork_AreOne()
    {
        Exhaust(() => _limit.TryTake(IPAddress.Parse("2001:db8::1")), EnrolmentLimit.AddressMax);
        Assert.False(_limit.TryTake(IPAddress.Parse("2001:db8::ffff:2")));
        Assert.True(_limit.TryTake(IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Fact]
    public void Threat_39_AllStrangersTogether_LeaveRenewalsTheirOwnBudget()
    {
        for (var i = 0; i < EnrolmentLimit.StrangersMax; i++) Assert.True(_limit.TryTake(new IPAddress(i + 1)));
        Assert.False(_limit.TryTake(Good));
        Assert.True(_limit.TryTake(Peer("archive-1")));
    }

    [Fact]
    public void Threat_39_OnePeersRenewals_AreCounted_AndTakeNoneFromOthers()
    {
        Exhaust(() => _limit.TryTake(Peer("taken-over")), EnrolmentLimit.PeerMax);
        Assert.True(_limit.TryTake(Peer("archive-1")));
        Assert.True(_limit.TryTake(Good));
    }

    [Fact]
    public void ClockSetBack_HoldsNobodyUp()
    {
        Exhaust(() => _limit.TryTake(Good), EnrolmentLimit.AddressMax);
        _time.SetWallBack(TimeSpan.FromDays(1));
        _time.Pass(TimeSpan.FromMinutes(1));
        Assert.True(_limit.TryTake(Good));
    }

    private static PeerIdentity Peer(string name) => new(Region.Eu, PeerRole.Backend, name);

    private static void Exhaust(Func<bool> take, int max)
    {
        for (var i = 0; i < max; i++) Assert.True(take());
        Assert.False(take());
    }

    /// <summary>A machine's two clocks: the wall's, which somebody may set, and the one that only goes on.</summary>
    private sealed class TwoClocks : TimeProvider
    {
        private DateTimeOffset _wall = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
        private TimeSpan _running = TimeSpan.FromHours(1);

        public override DateTimeOffset GetUtcNow() => _wall;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _running.Ticks;

        public void SetWallBack(TimeSpan by) => _wall -= by;

        public void Pass(TimeSpan time) => (_wall, _running) = (_wall + time, _running + time);
    }
}
