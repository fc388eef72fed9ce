using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace AMA.Tests.Unit.Tidy.Documents;

[UnsupportedOSPlatform("windows")]
public sealed partial class ScriptTests
{
    private const UnixFileMode Executable =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly string[] Scripts = [".ci/run", .. Repository.Files("infra", "*.sh")];

    [Fact]
    public void Scripts_CanBeRun() =>
        Violations.None(Scripts.Where(script => !CanBeRun(Path.Combine(Repository.Root, script))));

    [Fact]
    public void TestCommand_RunsEveryTestProgram()
    {
        var listed = Listed().Match(Repository.Text("infra/test.sh")).Groups[1].Value.Split(' ');
        var programs = Repository.Files("Tests", "*.csproj").Where(IsTestProgram).Select(p => p.Split('/')[1]);
        Assert.Equal(programs.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Canary_ScriptThatIsNoProgram_IsSeen()
    {
        Assert.False(CanBeRun(Path.Combine(Repository.Root, "README.md")));
        Assert.False(IsTestProgram("Tests/Bench/AMA.Tests.Bench.csproj"));
    }

    private static bool CanBeRun(string path) =>
        (File.GetUnixFileMode(path) & Executable) == Executable && File.ReadLines(path).First() == "#!/usr/bin/env bash";

    private static bool IsTestProgram(string project) => XDocument.Parse(Repository.Text(project))
        .Descendants("PackageReference").Any(package => package.Attribute("Include")?.Value == "xunit.v3");

    [GeneratedRegex(@"^programs=\(([^)]+)\)", RegexOptions.Multiline)]
    private static partial Regex Listed();
}
