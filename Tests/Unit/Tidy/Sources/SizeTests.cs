using Xunit;

namespace AMA.Tests.Unit.Tidy.Sources;

public sealed class SizeTests
{
    private static readonly SourceFunction[] Functions = [.. SourceTree.Product.SelectMany(f => f.Functions())];

    [Fact]
    public void Files_StayShort() => Violations.None(SizeRules.TooLong(SourceTree.All));

    [Fact]
    public void Functions_StayShort() =>
        Violations.None(SizeRules.TooLong(SourceTree.All.SelectMany(f => f.Functions())));

    [Fact]
    public void NineFunctionsInTen_StayUnder45Lines() =>
        Assert.InRange(SizeRules.LongShare(Functions), 0, SizeRules.LongFunctionShareMax);

    [Fact]
    public void HalfOfTheFunctions_StayUnder15Lines() =>
        Assert.InRange(SizeRules.Median(Functions), 1, SizeRules.MedianFunctionLinesBelow - 1);

    [Fact]
    public void Classes_TakeAtMostFiveDependencies() =>
        Violations.None(SizeRules.TooMany(SourceTree.Product.SelectMany(f => f.Constructors())));

    [Fact]
    public void EveryException_IsAsBigAsItSays_AndSaysWhy()
    {
        Assert.All(SizeRules.LongFiles, l =>
            Assert.Equal(l.Lines, SourceTree.All.Single(f => f.Path == l.File).Lines));
        Assert.All(SizeRules.LongFunctions, l => Assert.Contains(
            new SourceFunction(l.File, l.Function, l.Lines), SourceTree.All.SelectMany(f => f.Functions())));
        Assert.All(SizeRules.ManyDependencies, m => Assert.Equal(m.Parameters, SourceTree.Product
            .SelectMany(f => f.Constructors()).Where(c => c.Type == m.Type).Max(c => c.Parameters)));
        Assert.All(SizeRules.LongFiles.Select(l => l.Reason)
            .Concat(SizeRules.LongFunctions.Select(l => l.Reason))
            .Concat(SizeRules.ManyDependencies.Select(m => m.Reason)), Assert.NotEmpty);
    }

    [Theory]
    [InlineData(SizeRules.FileLinesMax, 0)]
    [InlineData(SizeRules.FileLinesMax + 1, 1)]
    public void Canary_LongFile_IsSeen(int lines, int violations) =>
        Assert.Equal(violations, SizeRules.TooLong([SourceFile.Parse(Lines(lines))]).Count());

    [Theory]
    [InlineData(SizeRules.FunctionLinesMax, 0)]
    [InlineData(SizeRules.FunctionLinesMax + 1, 1)]
    public void Canary_LongFunction_IsSeen(int lines, int violations)
    {
        // Signature, two braces: three lines of the function itself. Attribute and docstring don't count.
        var source = SourceFile.Parse(
            $"class A\n{{\n/// <summary>x</summary>\n[B]\nvoid C()\n{{\n{Lines(lines - 3)}\n}}\n}}\n");
        Assert.Equal(violations, SizeRules.TooLong(source.Functions()).Count());
    }

    [Theory]
    [InlineData("class A(int a, int b, int c, int d, int e);", 0)]
    [InlineData("class A(int a, int b, int c, int d, int e, int f);", 1)]
    [InlineData("class A { A(int a, int b, int c, int d, int e, int f) { } }", 1)]
    [InlineData("record A(int a, int b, int c, int d, int e, int f);", 0)]
    public void Canary_ManyDependencies_AreSeen(string source, int violations) =>
        Assert.Equal(violations, SizeRules.TooMany(SourceFile.Parse(source).Constructors()).Count());

    [Fact]
    public void Canary_LongFunctions_MoveShareAndMedian()
    {
        SourceFunction[] functions = [new("A.cs", "a", 46), new("A.cs", "b", 46), new("A.cs", "c", 1)];
        Assert.Equal(2 / 3.0, SizeRules.LongShare(functions));
        Assert.Equal(46, SizeRules.Median(functions));
    }

    private static string Lines(int count) => string.Join('\n', Enumerable.Repeat("// line", count));
}
