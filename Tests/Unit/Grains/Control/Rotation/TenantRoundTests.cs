using AMA.Grains.Control.Rotation;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.Rotation;

public sealed class TenantRoundTests
{
    private static readonly Guid[] All = [.. Enumerable.Range(1, 100).Select(i => new Guid(i, 0, 0, new byte[8]))];

    /// <summary>However many failed, one call does no more than a page of them.</summary>
    [Fact]
    public void ThoseThatFailed_HaveTheirTurnFirst_PageByPage_AndNobodyTwice()
    {
        var round = new TenantRound(60, All[..50]).TryAgain();
        var turns = new List<Guid>();
        while (round.Page(All) is { Length: > 0 } page)
        {
            Assert.InRange(page.Length, 1, TenantRound.PageMax);
            turns.AddRange(page);
            round = round.After(page, []);
        }
        Assert.Equal([.. All[..50], .. All[60..]], turns);
        Assert.Empty(round.Failed);
        Assert.Equal(All.Length, round.Next);
    }

    [Fact]
    public void WhatFailsAgain_IsKeptForTheNextTry()
    {
        var round = new TenantRound(100, All[..3]).TryAgain();
        round = round.After(round.Page(All), All[1..2]);
        Assert.Empty(round.Page(All));
        Assert.Equal(All[1..2], round.Failed);
        Assert.Equal(All[1..2], round.TryAgain().Page(All));
    }
}
