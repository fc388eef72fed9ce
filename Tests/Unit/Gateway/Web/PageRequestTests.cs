using AMA.Gateway.Web.Messages;
using AMA.Gateway.Web.Problems;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Web;

public sealed class PageRequestTests
{
    [Fact]
    public void NothingGiven_IsTheFirstPageOfEverything() =>
        Assert.Equal(new PageRequest("", 20, null), PageRequest.Read(null, null, null));

    [Theory]
    [InlineData("1", 1)]
    [InlineData("100", 100)]
    public void Limit_InRange(string text, int limit) => Assert.Equal(limit, PageRequest.Read("q", text, "").Limit);

    [Theory]
    [InlineData("0")]
    [InlineData("101")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1.0")]
    [InlineData("")]
    [InlineData("many")]
    [InlineData("99999999999")]
    public void Limit_Otherwise_SaysWhatItShouldBe(string text)
    {
        var refused = Assert.Throws<ProblemException>(() => PageRequest.Read(null, text, null));
        Assert.Equal((400, "limit is a whole number from 1 to 100."), (refused.Problem.Status, refused.Problem.Detail));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a\r\nb")]
    [InlineData("ü")]
    public void Cursor_ThatIsNone_IsRefused(string text) =>
        Assert.Throws<ProblemException>(() => PageRequest.Read(null, null, text));

    [Fact]
    public void TooLong_IsRefused()
    {
        Assert.Equal(2000, PageRequest.Read(new('x', 2000), null, null).Query.Length);
        Assert.Throws<ProblemException>(() => PageRequest.Read(new('x', 2001), null, null));
        Assert.Throws<ProblemException>(() => PageRequest.Read(null, null, new('x', 1025)));
    }
}
