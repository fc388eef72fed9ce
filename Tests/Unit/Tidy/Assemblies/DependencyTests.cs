using Xunit;

namespace AMA.Tests.Unit.Tidy.Assemblies;

/// <summary>
/// The directions of dependency, asserted from the built assemblies and from what is deployed with them.
/// </summary>
public sealed class DependencyTests
{
    [Fact]
    public void EveryProject_HasARule_AndEveryRule_AProject()
    {
        var ruled = DependencyRules.All.Select(rule => rule.Folder).Order(StringComparer.Ordinal);
        var product = Repository.Projects.Select(p => p.Folder)
            .Where(folder => !folder.StartsWith("Tests/", StringComparison.Ordinal));
        Assert.Equal(product, ruled);
    }

    [Fact]
    public void EveryProject_IsInTheSolution()
    {
        var solution = Repository.Text("AMA.sln").Replace('\\', '/');
        Assert.All(Repository.Projects, p => Assert.Contains($"\"{p.Folder}/", solution));
    }

    [Theory, MemberData(nameof(Rules))]
    public void Project_KnowsOnlyWhatItMay(string folder)
    {
        var rule = DependencyRules.All.Single(r => r.Folder == folder);
        var project = Repository.Projects.Single(p => p.Folder == folder);
        Violations.None(rule.Violations(BuiltAssembly.Read(project.BuiltPath)));
    }

    [Theory, MemberData(nameof(Rules))]
    public void Namespaces_FollowTheProject(string folder)
    {
        var project = Repository.Projects.Single(p => p.Folder == folder);
        var root = folder.StartsWith("Core/", StringComparison.Ordinal)
            ? "AMA." + folder[5..]
            : "AMA." + folder.Replace('/', '.');
        string[] elsewhere = [.. Repository.Files(folder, "*.cs").Where(path => !IsAtHome(path, project.Folder, root))];
        Violations.None(elsewhere);
    }

    public static TheoryData<string> Rules => [.. DependencyRules.All.Select(rule => rule.Folder)];

    [Theory]
    [InlineData("Core/Archive", "Orleans.Core.Abstractions")]
    [InlineData("Core/Archive", "Microsoft.AspNetCore.Http")]
    [InlineData("Core/Archive", "System.Net.Sockets")]
    [InlineData("Core/Mail", "AMA.Search")]
    [InlineData("Adapters/Local", "AMA.Grains.Interfaces.Archive")]
    [InlineData("Grains/Control", "AMA.Grains.Interfaces.Archive")]
    [InlineData("Silo/Control", "AMA.Grains.Archive")]
    [InlineData("Gateway/Smtp", "AMA.Mail")]
    [InlineData("Gateway/Web", "AMA.Grains.Control")]
    [InlineData("Gateway/Cli", "Orleans.Core")]
    public void Canary_ForbiddenReference_IsSeen(string folder, string reference)
    {
        var rule = DependencyRules.All.Single(r => r.Folder == folder);
        Assert.Single(rule.Violations(["System.Runtime", "System.Net.Primitives", reference], []));
    }

    [Theory]
    [InlineData("Gateway/Smtp", "MimeKit")]
    [InlineData("Silo/Control", "Lucene.Net.Analysis.Common")]
    [InlineData("Silo/Archive", "AMA.Grains.Control")]
    public void Canary_ForbiddenPackageBesideIt_IsSeen(string folder, string library)
    {
        var rule = DependencyRules.All.Single(r => r.Folder == folder);
        Assert.Single(rule.Violations([], [library]));
    }

    [Fact]
    public void Canary_ReferencesOfABuiltAssembly_AreRead()
    {
        var self = BuiltAssembly.Read(typeof(DependencyTests).Assembly.Location);
        Assert.Contains("xunit.v3.assert", self.References);
        Assert.Contains("AMA.Archive", self.Deployed());
    }

    private static bool IsAtHome(string path, string folder, string root)
    {
        var inside = Path.GetDirectoryName(path)![folder.Length..].Replace('/', '.');
        return Sources.SourceFile.Read(path).Namespace is not { } space || space == root + inside;
    }
}
