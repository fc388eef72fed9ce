using System.Text.RegularExpressions;
using Xunit;

namespace AMA.Tests.Unit.Tidy.Documents;

/// <summary>Threats are numbered rows of the threat model, and a test says in its name which of them it shows.</summary>
public sealed partial class ThreatTests
{
    /// <summary>Rows 1 to 13: what a stranger can do to the SMTP gateway, and what a disk can.</summary>
    private const int RowsOfTheGateway = 13;

    [Fact]
    public void EachThreatToTheGateway_HasATestOfItsName()
    {
        var named = Repository.Files("Tests", "*.cs").SelectMany(file => RowsIn(Repository.Text(file))).ToHashSet();
        Violations.None(Enumerable.Range(1, RowsOfTheGateway).Where(row => !named.Contains(row))
            .Select(row => $"no test is named Threat_{row:00}_…"));
    }

    [Fact]
    public void Canary_OnlyTestsCount()
    {
        Assert.Equal([3, 4], RowsIn("[Fact]\n    public async Task Threat_03_Threat_04_X()\n"));
        Assert.Equal([5], RowsIn("[Theory, InlineData(1)]\n    [InlineData(2)]\n    public void Threat_05_X(int x)\n"));
        Assert.Empty(RowsIn("/// <summary>Threat_06_X</summary>\n    private void Threat_07_X()\n"));
        Assert.Empty(RowsIn("[Fact(Skip = \"later\")]\n    public void Threat_08_X()\n"));
    }

    private static IEnumerable<int> RowsIn(string source) =>
        from test in Test().Matches(source)
        from row in Row().Matches(test.Groups[1].Value)
        select int.Parse(row.Groups[1].Value);

    /// <summary>An attribute that makes a test, whatever other ones, and the method's name.</summary>
    [GeneratedRegex(@"\[(?:Fact|Theory)\b(?![^\n]*Skip =)[^\n]*\n(?:\s*\[[^\n]*\n)*\s*public (?:async Task|Task|void) (\w+)\(")]
    private static partial Regex Test();

    [GeneratedRegex(@"Threat_(\d\d)_")]
    private static partial Regex Row();
}
