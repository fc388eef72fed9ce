using System.Text;
using AMA.Adapters.Submission;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Submission;

public sealed class CrlfFormTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a\r\n", "a\r\n")]
    [InlineData("a\n", "a\r\n")]
    [InlineData("a", "a\r\n")]
    [InlineData("\n\n", "\r\n\r\n")]
    [InlineData("a\r\nb\nc\r\n", "a\r\nb\r\nc\r\n")]
    [InlineData("a\rb\n", "a\rb\r\n")]
    [InlineData("a\r", "a\r\r\n")]
    [InlineData("\r\r\n\n\r", "\r\r\n\r\n\r\r\n")]
    [InlineData(".\n..\n", ".\r\n..\r\n")]
    public void OnlyLoneLf_Changes_AndAMissingEndIsAdded(string source, string form)
    {
        var bytes = Encoding.Latin1.GetBytes(source);
        Assert.Equal(form, Encoding.Latin1.GetString(CrlfForm.Of(bytes).Span));
        Assert.Equal(source == form, CrlfForm.IsIn(bytes));
    }

    [Fact]
    public void TheForm_IsItsOwnForm_AndCostsNothingThen()
    {
        const int seed = 12;
        var random = new Random(seed);
        for (var round = 0; round < 2_000; round++)
        {
            var source = random.GetItems("\r\nx."u8, random.Next(0, 30));
            var form = CrlfForm.Of(source);
            Assert.True(CrlfForm.IsIn(form.Span));
            Assert.Equal(form, CrlfForm.Of(form));
            Assert.Equal(WithoutLineEnds(source).TrimEnd('\r'), WithoutLineEnds(form.Span).TrimEnd('\r'));
        }
    }

    private static string WithoutLineEnds(ReadOnlySpan<byte> bytes) =>
        Encoding.Latin1.GetString(bytes).Replace("\r\n", "\n").Replace("\n", "");
}
