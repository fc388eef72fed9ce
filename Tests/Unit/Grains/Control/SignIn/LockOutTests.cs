using AMA.Grains.Control.SignIn;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.SignIn;

public sealed class LockOutTests
{
    private const int Free = LockOut.AccountFreeFailures;
    private static readonly FailureKey Account = LockOut.Account("acme", "eve");
    private static readonly FailureKey Address = LockOut.Address("192.0.2.1");
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void Waits_Double_UpToAQuarterOfAnHour_AndOfAnAddressToAMinute()
    {
        Assert.Equal(TimeSpan.Zero, Account.WaitAfter(Free));
        Assert.Equal(TimeSpan.FromSeconds(2), Account.WaitAfter(Free + 1));
        Assert.Equal(TimeSpan.FromSeconds(4), Account.WaitAfter(Free + 2));
        Assert.Equal(TimeSpan.FromSeconds(512), Account.WaitAfter(Free + 9));
        Assert.Equal(LockOut.AccountWaitMax, Account.WaitAfter(Free + 10));
        Assert.Equal(LockOut.AccountWaitMax, Account.WaitAfter(int.MaxValue));
        Assert.Equal(TimeSpan.Zero, Address.WaitAfter(LockOut.AddressFreeFailures + 0.99));
        Assert.Equal(LockOut.AddressWaitMax, Address.WaitAfter(LockOut.AddressFreeFailures + 9));
    }

    [Fact]
    public void Threat_33_Lock_IsNeverForGood_AndTriesDuringItMakeItNoLonger()
    {
        var state = Failed(Free + 1);
        Assert.True(state.IsLocked(Account.Key, Now));
        var end = state.Find(Account.Key)!.LockedUntil;
        for (var i = 0; i < 1000; i++) state = state.Fail(Account, Now.AddMilliseconds(i));
        Assert.Equal(end, state.Find(Account.Key)!.LockedUntil);
        Assert.False(state.IsLocked(Account.Key, end));
        Assert.False(Failed(10_000).IsLocked(Account.Key, Now + LockOut.AccountWaitMax));
    }

    [Fact]
    public void AccountsFailures_AreForgotten_AfterADay()
    {
        var state = Failed(Free);
        Assert.Equal(Free, state.Failures(Account, Now + LockOut.Memory - TimeSpan.FromSeconds(1)));
        Assert.Equal(1, state.Fail(Account, Now + LockOut.Memory).Find(Account.Key)!.Failures);
    }

    [Fact]
    public void AddresssFailures_Halve_EveryHour_AlsoWhileOthersCome()
    {
        var state = new LockOutState();
        for (var i = 0; i < 16; i++) state = state.Fail(Address, Now);
        Assert.Equal(8, state.Failures(Address, Now + LockOut.AddressHalfLife), 9);
        state = state.Fail(Address, Now + LockOut.AddressHalfLife);
        Assert.Equal(4.5, state.Failures(Address, Now + 2 * LockOut.AddressHalfLife), 9);
        Assert.Equal(9, state.Failures(Address, Now), 9); // a clock set back
    }

    /// <summary>An office where somebody mistypes every two minutes never comes to a lock.</summary>
    [Fact]
    public void SteadyTypingMistakes_OfAHouse_LockNothing()
    {
        var (state, now) = (new LockOutState(), Now);
        for (var i = 0; i < 1000; i++)
        {
            state = state.Fail(Address, now);
            Assert.False(state.IsLocked(Address.Key, now));
            now += TimeSpan.FromMinutes(3);
        }
    }

    [Fact]
    public void WhatCountsForNothing_StandsAsTried_AndChangesNeitherCountNorLock()
    {
        var state = Failed(Free + 1);
        var after = state.Fail(Account, Now.AddSeconds(1), count: false);
        Assert.Equal(state.Find(Account.Key)! with { LastAt = Now.AddSeconds(1) }, after.Find(Account.Key));
    }

    [Fact]
    public void TriesAtOneMoment_AreNoMoreThanTriesInARow()
    {
        Assert.False(Account.MustWait(Free + 3, underWay: 0)); // the wait is over: one try
        Assert.True(Account.MustWait(Free + 3, underWay: 1));
        Assert.False(Account.MustWait(0, underWay: Free));
        Assert.True(Account.MustWait(0, underWay: Free + 1));
        Assert.True(Account.MustWait(Free, underWay: 1));
        Assert.False(Address.MustWait(LockOut.AddressFreeFailures - 1, underWay: 100));
        Assert.True(Address.MustWait(LockOut.AddressFreeFailures, underWay: 1));
    }

    [Fact]
    public void TriesUnderWay_AreCounted_UntilTheyEndOrAreLost()
    {
        var tries = new TriesUnderWay();
        for (var i = 0; i < 3; i++) Assert.True(tries.TryBegin("a", Now));
        tries.End("a");
        tries.End("b");
        Assert.Equal((2, 0), (tries.Count("a", Now), tries.Count("b", Now)));
        Assert.Equal(0, tries.Count("a", Now + TriesUnderWay.TryMax));
        tries.End("a");
        for (var i = 0; i < TriesUnderWay.KeysMax; i++) Assert.True(tries.TryBegin($"k{i}", Now + TriesUnderWay.TryMax));
        Assert.False(tries.TryBegin("one more", Now + TriesUnderWay.TryMax));
        Assert.True(tries.TryBegin("one more", Now + 2 * TriesUnderWay.TryMax));
    }

    [Fact]
    public void Flood_ForgetsNoRealLock_AndStaysBounded()
    {
        var state = Failed(Free + 3);
        for (var i = 0; i < LockOutState.EntriesMax + 100; i++)
            state = state.Fail(LockOut.Account("acme", $"stranger {i}"), Now.AddSeconds(1));
        Assert.Equal(LockOutState.EntriesMax, state.Entries.Length);
        Assert.True(state.IsLocked(Account.Key, Now.AddSeconds(1)));
    }

    [Fact]
    public void Keys_TellAccountsAndAddressesApart_AndNameNobody()
    {
        string[] keys =
        [
            Account.Key, LockOut.Account("acm", "eeve").Key, LockOut.Address("acme\0eve").Key,
        ];
        Assert.Equal(3, keys.Distinct().Count());
        Assert.All(keys, key => Assert.Matches("^[0-9A-F]{32}$", key));
    }

    /// <summary>So many failures, each as soon as the one before has run out.</summary>
    private static LockOutState Failed(int times) => new LockOutState
    {
        Entries = times == 1 ? [] : [new(Account.Key, times - 1, Now, Now)],
    }.Fail(Account, Now);
}
