using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.SignIn;

/// <summary>Whatever is forgotten to stay small, no code works twice.</summary>
public sealed class SpentStatesTests
{
    private const long Now = 1_000_000;

    [Fact]
    public void Threat_33_Step_IsSpentOnce_WithAllBeforeIt()
    {
        var state = new SpentStepsState().Spend("wilma", Now, Now)!;
        Assert.Null(state.Spend("wilma", Now, Now));
        Assert.Null(state.Spend("wilma", Now - 1, Now));
        Assert.NotNull(state.Spend("wilma", Now + 1, Now));
        Assert.NotNull(state.Spend("fred", Now - 1, Now));
    }

    [Fact]
    public void Threat_33_ForgottenSteps_StayUnderTheFloor_EvenWhenTheClockIsSetBack()
    {
        var state = new SpentStepsState().Spend("wilma", Now, Now)!;
        var later = Now + SpentStepsState.StepsKept + 1;
        state = state.Spend("fred", later, later)!;
        Assert.Equal(["fred"], state.Entries.Select(entry => entry.Key));
        Assert.Null(state.Spend("wilma", Now, Now));
        Assert.NotNull(state.Spend("wilma", Now + 1, Now));
    }

    [Fact]
    public void ManyPeople_MakeItNoLarger_AndNobodysCodeWorksAgain()
    {
        var state = new SpentStepsState();
        for (var i = 0; i < 2 * SpentStepsState.EntriesMax; i++) state = state.Spend($"user-{i}", Now + i / 1024, Now)!;
        Assert.Equal(SpentStepsState.EntriesMax, state.Entries.Length);
        Assert.Null(state.Spend("user-0", Now, Now));
        Assert.Null(state.Spend("user-2047", Now + 1, Now));
    }

    [Fact]
    public void RecoveryCode_IsSpentOnce_AndIsForgottenWithItsSet()
    {
        byte[][] codes = [[1], [2]];
        var state = new SpentCodesState().Spend("wilma", [1], codes)!;
        Assert.Null(state.Spend("wilma", [1], codes));
        Assert.NotNull(state.Spend("fred", [1], codes));
        state = state.Spend("wilma", [3], [[3], [4]])!;
        Assert.Equal([3], Assert.Single(Assert.Single(state.Entries).Hashes));
    }

    [Fact]
    public void FullShard_TakesNoMorePeople_ButThoseItKnows()
    {
        var state = new SpentCodesState
        {
            Entries = [.. Enumerable.Range(0, SpentCodesState.EntriesMax).Select(i => new SpentCodes($"user-{i}", [[1]]))],
        };
        var refused = Assert.Throws<ControlException>(() => state.Spend("wilma", [1], [[1]]));
        Assert.Equal(ControlRefusal.Unavailable, refused.Refusal);
        Assert.NotNull(state.Spend("user-7", [2], [[1], [2]]));
    }

    [Fact]
    public void SessionsOfAPerson_LieWhereTheirIdsSay()
    {
        var id = Guid.Parse("ffffffff-2222-4333-8444-555555555555");
        var (wilma, fred) = (SessionShards.Place(id, "wilma"), SessionShards.Place(id, "fred"));
        Assert.NotEqual(wilma, fred);
        Assert.Equal(wilma, SessionShards.Place(wilma, "wilma"));
        Assert.Equal(id.ToString("N")[3..], wilma.ToString("N")[3..]);
    }
}
