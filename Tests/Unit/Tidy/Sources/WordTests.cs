using Xunit;

namespace AMA.Tests.Unit.Tidy.Sources;

public sealed class WordTests
{
    [Fact]
    public void Names_SayWhatATypeIsFor() => Violations.None(SourceTree.All.SelectMany(WordRules.EmptyTypeNames));

    [Fact]
    public void NothingIsLeftForLater() => Violations.None(SourceTree.All.SelectMany(WordRules.Unfinished));

    [Fact]
    public void BannedApis_AreNeverLetIn() => Violations.None(SourceTree.All.SelectMany(WordRules.SilencedBans));

    [Fact]
    public void AsyncMethods_ReturnTasks() => Violations.None(SourceTree.All.SelectMany(WordRules.AsyncVoid));

    [Fact]
    public void BannedSymbols_AllSayWhy() => Assert.All(
        Repository.Text("BannedSymbols.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries),
        line => Assert.Matches(@"^[TMPF]:[^;]+;.{20,}$", line));

    [Theory]
    [InlineData("class LeaseManager;")]
    [InlineData("enum StringUtils { A }")]
    [InlineData("interface ICommonThings;")]
    public void Canary_EmptyName_IsSeen(string source) =>
        Assert.Single(WordRules.EmptyTypeNames(SourceFile.Parse(source)));

    [Fact]
    public void Canary_WordThatOnlyContainsOne_IsFine() =>
        Violations.None(WordRules.EmptyTypeNames(SourceFile.Parse("class Commonwealth; class Utilization;")));

    [Theory]
    [InlineData("class A { object B() => throw new NotImplementedException(); }")]
    [InlineData("class A { void B() => Thread.Sleep(1); }")]
    [InlineData("class A { void B() => System.Threading.Thread\n.Sleep(1); }")]
    [InlineData("// TODO: later\nclass A;")]
    [InlineData("/// <summary>FIXME</summary>\nclass A;")]
    public void Canary_UnfinishedWork_IsSeen(string source) =>
        Assert.Single(WordRules.Unfinished(SourceFile.Parse(source)));

    [Fact]
    public void Canary_SilencedBan_IsSeen() =>
        Assert.Single(WordRules.SilencedBans(SourceFile.Parse("#pragma warning disable RS0030\nclass A;")));

    [Theory]
    [InlineData("class A { async void B() { } }")]
    [InlineData("class A { void B() { async void C() { } } }")]
    public void Canary_AsyncVoid_IsSeen(string source) => Assert.Single(WordRules.AsyncVoid(SourceFile.Parse(source)));
}
