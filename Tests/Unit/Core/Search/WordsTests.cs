using AMA.Search.Analysis;
using Xunit;

namespace AMA.Tests.Unit.Core.Search;

public class WordsTests
{
    [Theory]
    [InlineData("Hello, World!", "hello world")]
    [InlineData("don't foo_bar e-mail", "don t foo bar e mail")]
    [InlineData("see ada@mail.example.com.", "see ada mail example com")]
    [InlineData("v2.10 B2B 4711", "v2 10 b2b 4711")]
    [InlineData("Zürich", "zurich|zuerich")]
    [InlineData("straße STRASSE", "strasse strasse")]
    [InlineData("Ærø", "aero|aeroe")]
    [InlineData("naïve façade", "naive facade")]
    [InlineData("ＦＵＬＬ　ｗｉｄｔｈ", "full width")]
    [InlineData("Привет, мир", "привет мир")]
    [InlineData("東京都 Tokyo", "東 京 都 tokyo")]
    [InlineData("ABC漢字def", "abc 漢 字 def")]
    [InlineData("한국어 메일", "한국어 메일")]
    [InlineData("ﬁle ①", "file")]
    [InlineData("a😀b", "a b")]
    [InlineData("", "")]
    [InlineData("--- !!! ...", "")]
    public void Text_BecomesWords(string text, string words) =>
        Assert.Equal(words, string.Join(' ', Words.Of(text).Select(forms => string.Join('|', forms))));

    [Fact]
    public void DecomposedAndComposedAccents_AreOneWord() =>
        Assert.Equal(Words.Of("Zu\u0308rich"), Words.Of("Z\u00fcrich"));

    [Fact]
    public void LongWord_IsCut_TheSameWayEverywhere()
    {
        Assert.Equal(WordScanner.WordCharsMax, Words.Of(new string('x', 5_000)).Single()[0].Length);
        Assert.Equal(Words.Of(new string('x', 5_000)), Words.Of(new string('x', 64)));
    }

    [Fact]
    public void AnyCharacters_NeverThrow_AndAlwaysAdvance()
    {
        var random = new Random(41);
        for (var i = 0; i < 2_000; i++)
        {
            var characters = Enumerable.Range(0, random.Next(200)).Select(_ => (char)random.Next(char.MaxValue + 1));
            var text = string.Concat(characters);
            Assert.All(Words.Of(text), forms => Assert.All(forms, form => Assert.NotEmpty(form)));
        }
    }

    [Theory]
    [InlineData("Ada@Example.ORG", "ada@example.org")]
    [InlineData(" ada@example.org. ", "ada@example.org")]
    [InlineData("ada@xn--bcher-kva.example", "ada@bücher.example")]
    [InlineData("ada@BÜCHER.example", "ada@bücher.example")]
    [InlineData("ada@xn--\u0001", "ada@xn--\u0001")]
    [InlineData("no address", "")]
    public void Address_HasOneForm(string written, string normal) => Assert.Equal(normal, Addresses.Normal(written));
}
