using System.Text.RegularExpressions;
using AMA.Tests.Unit.Tidy.Sources;
using Xunit;

namespace AMA.Tests.Unit.Tidy.Documents;

/// <summary>What the documents name is there: prose about code rots, unless somebody looks.</summary>
public sealed partial class DocumentTests
{
    private const string HelpOfTheEmbeddedHost = "Silo/Embedded/EmbeddedProgram.cs";
    private const string HelpOfControl = "Silo/Control/ControlHelp.cs";

    private static readonly Document Readme = Document.Read("README.md");

    [Theory]
    [InlineData("docs/flow.md", 40)]
    [InlineData("docs/decisions/0001-dedupe-from-the-index.md", 2)]
    [InlineData("docs/decisions/0003-work-waits-beside-the-grain.md", 3)]
    public void NamedTypes_Exist(string path, int atLeast)
    {
        string[] named = [.. Document.Read(path).TypeNames().Distinct()];
        Assert.True(named.Length >= atLeast, $"{path} names only {named.Length} types");
        Violations.None(named.Where(name => !IsInTheCode(name)));
    }

    [Fact]
    public void Links_LeadToFiles()
    {
        string[] pages = ["README.md", .. Repository.Files("docs", "*.md")];
        Violations.None(pages.SelectMany(page => Document.Read(page).LinkedFiles()
            .Where(file => !Path.Exists(Path.Combine(Repository.Root, file)))
            .Select(file => $"{page} links to {file}")));
    }

    [Fact]
    public void FolderMap_IsTheFolders()
    {
        string[] map = [.. Readme.Code().Where(code => Folder().IsMatch(code))];
        Violations.None(map.Where(folder => !Directory.Exists(Path.Combine(Repository.Root, folder))));
        Violations.None(Repository.Projects.Select(p => p.Folder).Where(folder => !map.Contains(folder)));
    }

    [Fact]
    public void Settings_AreThoseOfTheHelp()
    {
        var help = Document.Parse(Repository.Text(HelpOfTheEmbeddedHost)).Settings().Where(s => s != "AMA:Name");
        // All of Control's are in the help; the readme has the first of them and sends on to docs/control.md.
        var control = Document.Parse(Repository.Text(HelpOfControl)).Settings().ToArray();
        Assert.Contains("AMA:Control:KeyRoot", control);
        Assert.Equal(help.Order(StringComparer.Ordinal), Readme.Settings().Except(control).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Commands_StartWhatExists() => Violations.None(Readme.Commands().SelectMany(MissingIn));

    [Fact]
    public void Verbs_AreThoseOfTheCommand()
    {
        var verbs = string.Concat(Repository.Files("Gateway/Cli", "*.cs").Select(Repository.Text));
        var named = Readme.Commands().SelectMany(VerbsIn).Distinct().ToArray();
        Assert.Contains("search", named);
        Violations.None(named.Where(verb => !verbs.Contains($"\"{verb}\"")));
    }

    [Fact]
    public void Canary_NamesAreRead()
    {
        var page = Document.Parse("""
            `NoSuchGrain`, `lower`, [gone](nowhere.md#part), [far](https://example.org), `AMA:No:Such`

            ```sh
            infra/nothing.sh   # `NotSeenInside`
            ama fly --high
            dotnet run --project No/Where -- x
            ```
            """);
        Assert.Equal(["NoSuchGrain"], page.TypeNames());
        Assert.False(IsInTheCode("NoSuchGrain"));
        Assert.False(IsInTheCode("ArchiveGrain.NoSuchMember"));
        Assert.True(IsInTheCode("ArchiveGrain.Commit"));
        Assert.Equal(["nowhere.md"], page.LinkedFiles());
        Assert.Equal(["AMA:No:Such"], page.Settings());
        Assert.Equal(["infra/nothing.sh", "No/Where"], page.Commands().SelectMany(MissingIn));
        Assert.Equal(["fly"], page.Commands().SelectMany(VerbsIn));
    }

    private static bool IsInTheCode(string name)
    {
        var parts = name.Split('.');
        var homes = SourceTree.Product.Where(file => file.Types().Contains(parts[0])).ToArray();
        return homes.Length > 0 && (parts.Length == 1 || homes.Any(home => home.Identifiers().Contains(parts[1])));
    }

    /// <summary>Scripts and projects that a command line names and that are not there.</summary>
    private static IEnumerable<string> MissingIn(string command) => ScriptsAndProjects().Matches(command)
        .Select(match => match.Groups[1].Value + match.Groups[2].Value)
        .Where(path => !Path.Exists(Path.Combine(Repository.Root, path)));

    /// <summary>"ama tenant create acme" has the verbs tenant and create.</summary>
    private static IEnumerable<string> VerbsIn(string command)
    {
        var words = command.Split(' ');
        if (words is not ["ama", _, ..]) return [];
        return words[1] is "tenant" or "user" ? words[1..3] : words[1..2];
    }

    [GeneratedRegex(@"^(Core|Adapters|Grains|Grains\.Interfaces|Silo|Gateway|Tests|infra|docs)(/[A-Z]\w+)?$")]
    private static partial Regex Folder();

    [GeneratedRegex(@"(?:^(infra/\S+)|--project (\S+))")]
    private static partial Regex ScriptsAndProjects();
}
