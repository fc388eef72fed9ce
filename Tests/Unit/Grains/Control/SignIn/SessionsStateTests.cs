using AMA.Grains.Control.SignIn;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.SignIn;

public sealed class SessionsStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void OpenedSession_IsLive_UntilItsEnd()
    {
        var session = Session(1, "wilma", Now);
        var state = new SessionsState().Open(session, Now, out var ended);
        Assert.Empty(ended);
        Assert.Equal(session, state.Find(session.Id, Now.AddHours(8).AddTicks(-1)));
        Assert.Null(state.Find(session.Id, Now.AddHours(8)));
        Assert.Null(state.Find(Id(2), Now));
    }

    [Fact]
    public void EndedSession_IsGone_AndOthersStay()
    {
        var state = new SessionsState().Open(Session(1, "wilma", Now), Now, out _)
            .Open(Session(2, "fred", Now), Now, out _).End([Id(1)], Now);
        Assert.Null(state.Find(Id(1), Now));
        Assert.NotNull(state.Find(Id(2), Now));
    }

    [Fact]
    public void TooManyOfOnePerson_EndTheirOldest_AndNobodyElses()
    {
        var state = new SessionsState().Open(Session(999, "fred", Now.AddHours(-1)), Now, out _);
        for (var i = 0; i < SessionsState.PerUserMax; i++)
            state = state.Open(Session(i, "wilma", Now.AddSeconds(i)), Now, out _);
        state = state.Open(Session(500, "wilma", Now.AddMinutes(1)), Now, out var ended);
        Assert.Equal([Id(0)], ended);
        Assert.Equal(SessionsState.PerUserMax, state.Of("wilma", Now).Length);
        Assert.Single(state.Of("fred", Now));
    }

    [Fact]
    public void SessionsThatEndedByThemselves_AreForgotten()
    {
        var state = new SessionsState().Open(Session(1, "wilma", Now), Now, out _);
        var later = Now.AddHours(9);
        Assert.Single(state.Open(Session(2, "fred", later), later, out _).Sessions);
    }

    [Fact]
    public void ReplacedSession_StandsInItsOwnPlace()
    {
        var state = new SessionsState().Open(Session(1, "wilma", Now), Now, out _)
            .Open(Session(2, "fred", Now), Now, out _).Replace(Session(1, "wilma", Now) with { From = "here" });
        Assert.Equal(("here", null), (state.Find(Id(1), Now)!.From, state.Find(Id(2), Now)!.From));
        Assert.Equal(2, state.Sessions.Length);
    }

    private static LiveSession Session(int id, string user, DateTimeOffset opened) =>
        new(Id(id), user, opened, opened.AddHours(8), null, null);

    private static Guid Id(int id) => new(id + 1, 0, 0, new byte[8]);
}
