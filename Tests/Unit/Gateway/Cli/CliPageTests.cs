using System.CommandLine;
using AMA.Gateway.Cli;
using AMA.Gateway.Cli.Sending;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

/// <summary>docs/cli.md is what scripts are written by: it must name what there is.</summary>
public sealed class CliPageTests
{
    private static readonly string Page = File.ReadAllText(RepositoryFile("docs", "cli.md"));

    [Fact]
    public void NamesEveryVerbExitCodeAndOutcome()
    {
        foreach (var verb in Verbs(AmaCommand.Define(new(), Surroundings.OfThisProcess()), "ama"))
            Assert.Contains($"`{verb}", Page);
        foreach (var code in Enum.GetValues<ExitCode>()) Assert.Contains($"| {(int)code} | ", Page);
        foreach (var kind in Enum.GetValues<OutcomeKind>()) Assert.Contains($"| `{Words.Of(kind)}` |", Page);
    }

    private static IEnumerable<string> Verbs(Command command, string path) => command.Subcommands.Count == 0
        ? [path]
        : command.Subcommands.SelectMany(verb => Verbs(verb, $"{path} {verb.Name}"));

    internal static string RepositoryFile(params string[] path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "AMA.sln"))) folder = folder.Parent;
        return Path.Combine([folder.FullName, .. path]);
    }
}
