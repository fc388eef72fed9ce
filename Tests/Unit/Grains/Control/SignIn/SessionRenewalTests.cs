using AMA.Grains.Control.SignIn;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.SignIn;

public sealed class SessionRenewalTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly RenewalText First = new("acme", Guid.Empty, "family", "first");
    private static readonly byte[] Salt = [1, 2, 3];

    private readonly SessionRenewal _new = SessionRenewal.First(First, Now);

    [Fact]
    public void NewestSecret_IsUsedUp_AndItsSuccessorRenewsNext()
    {
        Assert.Equal(RenewalUse.Newest, _new.UseOf(First, Now));
        var after = _new.After(First, Salt, Now);
        var second = after.Successor(First);
        Assert.NotEqual(First.Secret, second.Secret);
        Assert.Equal(RenewalUse.Newest, after.UseOf(second, Now.AddHours(1)));
    }

    [Fact]
    public void LostAnswer_IsGivenOnceMore_ForAMoment()
    {
        var after = _new.After(First, Salt, Now);
        var justInTime = Now + SessionRenewal.Grace - TimeSpan.FromTicks(1);
        Assert.Equal(RenewalUse.Again, after.UseOf(First, justInTime));
        Assert.Equal(after.Successor(First), after.Successor(First));
        Assert.Equal(RenewalUse.Reused, after.UseOf(First, Now + SessionRenewal.Grace));
    }

    [Fact]
    public void OlderSecrets_AreReused_AtOnce()
    {
        var second = _new.After(First, Salt, Now);
        var third = second.After(second.Successor(First), Salt, Now);
        Assert.Equal(RenewalUse.Reused, third.UseOf(First, Now));
    }

    /// <summary>A session's id is no secret: a stranger who knows it must not be able to end the session.</summary>
    [Fact]
    public void WhoNeverHeldASecret_IsForeign_AndEndsNothing()
    {
        Assert.Equal(RenewalUse.Foreign, _new.UseOf(First with { Family = "guessed" }, Now));
        Assert.Equal(RenewalUse.Foreign, _new.UseOf(First with { Family = "" }, Now));
        Assert.Equal(RenewalUse.Reused, _new.UseOf(First with { Secret = "" }, Now)); // not the empty former one
    }

    [Fact]
    public void Successor_NeedsBothTheSecretAndTheSalt()
    {
        var one = _new.After(First, Salt, Now).Successor(First);
        Assert.NotEqual(one, _new.After(First, [4], Now).Successor(First));
        var other = First with { Secret = "other" };
        Assert.NotEqual(one.Secret, _new.After(other, Salt, Now).Successor(other).Secret);
    }

    [Theory]
    [InlineData("acme.00000000000000000000000000000001.f.s", true)]
    [InlineData("acme.00000000000000000000000000000001.s", false)]
    [InlineData("acme.x.f.s", false)]
    [InlineData("", false)]
    public void Text_HasFourParts(string text, bool fits)
    {
        Assert.Equal(fits, RenewalText.TryParse(text) is not null);
        if (fits) Assert.Equal(text, RenewalText.TryParse(text)!.Text);
        Assert.DoesNotContain("secret-part", new RenewalText("a", Guid.Empty, "f", "secret-part").ToString());
    }
}
