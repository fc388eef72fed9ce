using AMA.Gateway.Cli.Output;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain äöü 漢字 👩‍💻", "plain äöü 漢字 👩‍💻")]
    [InlineData("a\u001b[31mb", "a\\u001b[31mb")]
    [InlineData("a\u0007\u0000b\u007f", "a\\u0007\\u0000b\\u007f")]
    [InlineData("a\r\nb\tc", "a b c")]
    [InlineData("\u202eevil\u2066", "\\u202eevil\\u2066")]
    [InlineData("a\u2028b\u200b", "a\\u2028b\\u200b")]
    [InlineData("\u009b2J", "\\u009b2J")]
    public void Threat_42_OneLine(string text, string expected) => Assert.Equal(expected, Printable.Of(text));

    [Fact]
    public void LoneSurrogate_IsReplaced() => Assert.Equal("a \ufffd b", Printable.Of("a \ud800 b"));

    [Fact]
    public void Threat_42_EveryControlCharacter_IsNeutralInLines()
    {
        for (var code = 0; code < 0xa0; code++)
        {
            var shown = Printable.Lines($"x{(char)code}y");
            Assert.All(shown, character => Assert.True(!char.IsControl(character) || character is '\n' or '\t'));
        }
        Assert.Equal("a\nb\tc", Printable.Lines("a\r\nb\tc"));
    }
}
