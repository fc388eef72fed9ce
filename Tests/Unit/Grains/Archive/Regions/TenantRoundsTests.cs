using AMA.Archive.Ids;
using AMA.Grains.Archive.Regions;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive.Regions;

public sealed class TenantRoundsTests
{
    private static readonly TenantId[] Tenants = [.. Enumerable.Range(1, 1000).Select(
        i => new TenantId(new Guid(i, 0, 0, new byte[8])))];

    private readonly FakeTimeProvider _clock = new();
    private readonly List<TenantId> _woken = [];

    [Fact]
    public async Task AFewAreWokenInEachRound_AndInTheEndAll_Once()
    {
        var rounds = new TenantRounds(_clock);
        for (var round = 1; round <= 40; round++)
        {
            await rounds.WakeAsync(Tenants, WakeAsync);
            Assert.Equal(Math.Min(round * TenantRounds.WakingMax, Tenants.Length), _woken.Count);
        }
        Assert.Equal(Tenants.Length, _woken.Distinct().Count());
    }

    [Fact]
    public async Task OneThatFails_HasItsTurnAgain()
    {
        var rounds = new TenantRounds(_clock);
        var tries = 0;
        for (var round = 0; round < 3; round++) await rounds.WakeAsync(Tenants[..2], FailTwiceAsync);
        await rounds.WakeAsync(Tenants[..2], FailTwiceAsync);
        Assert.Equal(2 + 3, tries);

        Task<bool> FailTwiceAsync(TenantId tenant)
        {
            tries++;
            return Task.FromResult(tenant == Tenants[0] || tries > 4);
        }
    }

    [Fact]
    public async Task OneThatHangs_HoldsNobodyUp_AndIsNotWokenTwice()
    {
        var rounds = new TenantRounds(_clock);
        var hanging = new TaskCompletionSource<bool>();
        var tries = 0;
        for (var round = 0; round < 4; round++)
        {
            var waking = rounds.WakeAsync(Tenants[..100], HangOnceAsync);
            _clock.Advance(TimeSpan.FromSeconds(1));
            await waking;
        }
        Assert.Equal((1, 99), (tries, _woken.Count));
        hanging.SetResult(true);
        await rounds.WakeAsync(Tenants[..100], HangOnceAsync);
        Assert.Equal(1, tries);

        Task<bool> HangOnceAsync(TenantId tenant)
        {
            if (tenant != Tenants[7]) return WakeAsync(tenant);
            tries++;
            return hanging.Task;
        }
    }

    [Fact]
    public async Task Statuses_AskABoundedNumber_AndCountWhatTheOthersSaidLast()
    {
        var rounds = new TenantRounds(_clock);
        var asked = 0;
        foreach (var tenant in Tenants) rounds.Tell(tenant, Status(1));
        var told = await rounds.StatusesAsync(Tenants, AskAsync);
        Assert.Equal(TenantRounds.AskedMax, asked);
        Assert.Equal(Tenants.Length + TenantRounds.AskedMax, told.Sum(status => (long)status.Archived));
        for (var i = 0; i < 3; i++) told = await rounds.StatusesAsync(Tenants, AskAsync);
        Assert.Equal(2 * Tenants.Length, told.Sum(status => (long)status.Archived));

        Task<TenantStatus?> AskAsync(TenantId tenant)
        {
            asked++;
            return Task.FromResult<TenantStatus?>(Status(2));
        }
    }

    [Fact]
    public async Task Statuses_OfATenantThatCannotTell_AreItsLastOnes()
    {
        var rounds = new TenantRounds(_clock);
        foreach (var tenant in Tenants[..2]) rounds.Tell(tenant, Status(1));
        var told = await rounds.StatusesAsync(
            Tenants[..2], tenant => Task.FromResult(tenant == Tenants[0] ? null : Status(5)));
        Assert.Equal(6, told.Sum(status => (long)status.Archived));
    }

    private Task<bool> WakeAsync(TenantId tenant)
    {
        _woken.Add(tenant);
        return Task.FromResult(true);
    }

    private static TenantStatus Status(int archived) => new(archived, 0, 0, "none", null);
}
