using AMA.Grains.Control.SignIn;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.SignIn;

public sealed class LockOutTests
{
    private const string Key = "00";
    private const int Free = 5;

    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void Waits_Double_UpToAQuarterOfAnHour()
    {
        Assert.Equal(TimeSpan.Zero, LockOut.WaitAfter(Free, Free));
        Assert.Equal(TimeSpan.FromSeconds(2), LockOut.WaitAfter(Free + 1, Free));
        Assert.Equal(TimeSpan.FromSeconds(4), LockOut.WaitAfter(Free + 2, Free));
        Assert.Equal(TimeSpan.FromSeconds(512), LockOut.WaitAfter(Free + 9, Free));
        Assert.Equal(LockOut.WaitMax, LockOut.WaitAfter(Free + 10, Free));
        Assert.Equal(LockOut.WaitMax, LockOut.WaitAfter(int.MaxValue, Free));
    }

    [Fact]
    public void Threat_33_Lock_IsNeverForGood_AndTriesDuringItMakeItNoLonger()
    {
        var state = Failed(Free + 1, Now);
        Assert.True(state.IsLocked(Key, Now));
        var end = state.Find(Key)!.LockedUntil;
        for (var i = 0; i < 1000; i++) state = state.Fail(Key, Free, Now.AddMilliseconds(i));
        Assert.Equal(end, state.Find(Key)!.LockedUntil);
        Assert.False(state.IsLocked(Key, end));
        Assert.False(Failed(10_000, Now).IsLocked(Key, Now + LockOut.WaitMax));
    }

    [Fact]
    public void Failures_AreForgotten_AfterADay()
    {
        var state = Failed(Free, Now).Fail(Key, Free, Now + LockOut.Memory);
        Assert.Equal(1, state.Find(Key)!.Failures);
    }

    [Fact]
    public void Flood_ForgetsNoRealLock_AndStaysBounded()
    {
        var state = Failed(Free + 3, Now);
        for (var i = 0; i < LockOutState.EntriesMax + 100; i++) state = state.Fail($"stranger {i}", Free, Now.AddSeconds(1));
        Assert.Equal(LockOutState.EntriesMax, state.Entries.Length);
        Assert.True(state.IsLocked(Key, Now.AddSeconds(1)));
    }

    [Fact]
    public void Keys_TellAccountsAndAddressesApart_AndNameNobody()
    {
        string[] keys =
        [
            LockOut.AccountKey("acme", "eve"), LockOut.AccountKey("acm", "eeve"), LockOut.AddressKey("acme\0eve"),
        ];
        Assert.Equal(3, keys.Distinct().Count());
        Assert.All(keys, key => Assert.Matches("^[0-9A-F]{32}$", key));
    }

    /// <summary>So many failures, each as soon as the one before has run out.</summary>
    private static LockOutState Failed(int times, DateTimeOffset end)
    {
        var state = new LockOutState();
        for (var i = 0; i < times - 1; i++)
            state = new() { Entries = [new(Key, i + 1, end, end)] };
        return state.Fail(Key, Free, end);
    }
}
