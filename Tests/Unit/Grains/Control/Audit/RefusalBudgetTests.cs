using AMA.Grains.Control.Audit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.Audit;

public sealed class RefusalBudgetTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RefusalBudget _budget;

    public RefusalBudgetTests() => _budget = new(_clock);

    [Fact]
    public void OneAddress_HasItsShare_AndWhatIsBeyondIsCountedByAct()
    {
        for (var i = 0; i < RefusalBudget.AddressMax; i++) Assert.True(_budget.TryTake(AuditAct.SignIn, "one"));
        for (var i = 0; i < 7; i++) Assert.False(_budget.TryTake(AuditAct.SignIn, "one"));
        Assert.True(_budget.TryTake(AuditAct.SignIn, "other"));
        for (var i = 0; i < RefusalBudget.AddressMax; i++) _budget.TryTake(AuditAct.PasswordChange, "one");
        Assert.False(_budget.TryTake(AuditAct.PasswordChange, "one"));
        Assert.Equal(
            [(AuditAct.PasswordChange, 1L), (AuditAct.SignIn, 7L)], _budget.TakeCounts().OrderBy(one => one.Count));
        Assert.Empty(_budget.TakeCounts());
    }

    [Fact]
    public void ManyAddresses_FillNoMoreThanTheTotal()
    {
        var taken = Enumerable.Range(0, 1000).Count(i => _budget.TryTake(AuditAct.SignIn, $"address {i}"));
        Assert.Equal(RefusalBudget.TotalMax, taken);
        Assert.Equal([(AuditAct.SignIn, 1000L - taken)], _budget.TakeCounts());
    }

    /// <summary>Else renewals of nonsense hide that a stolen enrolment token is being tried.</summary>
    [Fact]
    public void FloodOfOneAct_KeepsNoOtherOutOfTheLog()
    {
        for (var i = 0; i <= RefusalBudget.AddressMax; i++) _budget.TryTake(AuditAct.SessionRenewal, "");
        for (var i = 0; i <= RefusalBudget.TotalMax; i++) _budget.TryTake(AuditAct.SignIn, $"address {i}");
        Assert.True(_budget.TryTake(AuditAct.Enrolment, ""));
    }

    [Fact]
    public void NextMinute_BeginsAnew_AndForgetsNoCount()
    {
        for (var i = 0; i <= RefusalBudget.AddressMax; i++) _budget.TryTake(AuditAct.SignIn, "one");
        _clock.Advance(RefusalBudget.Window);
        Assert.True(_budget.TryTake(AuditAct.SignIn, "one"));
        Assert.Equal([(AuditAct.SignIn, 1L)], _budget.TakeCounts());
    }

    [Fact]
    public void CountsThatCouldNotBeWritten_AreAddedToTheNext()
    {
        _budget.PutBack([(AuditAct.SignIn, 5)]);
        for (var i = 0; i <= RefusalBudget.AddressMax; i++) _budget.TryTake(AuditAct.SignIn, "one");
        Assert.Equal([(AuditAct.SignIn, 6L)], _budget.TakeCounts());
    }
}
