using System.Xml.Linq;

namespace AMA.Tests.Unit.Tidy;

/// <summary>One project of the solution: folder relative to the root, name of the assembly it builds.</summary>
public sealed record Project(string Folder, string Assembly)
{
    /// <summary>Where the build of this test run's configuration leaves the assembly.</summary>
    public string BuiltPath => Path.Combine(
        Repository.Root, Folder, "bin", Repository.Configuration, "net10.0", Assembly + ".dll");

    public override string ToString() => Folder;
}

/// <summary>The repository this test was built from: its folders, projects and sources.</summary>
public static class Repository
{
    private static readonly string[] Unsearched = ["bin", "obj", "ama-data", "artifacts", ".git"];

    public static string Root { get; } = FindRoot();

    /// <summary>Release or Debug, taken from the folder the tests run in: bin/{configuration}/net10.0.</summary>
    public static string Configuration { get; } =
        new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;

    public static IReadOnlyList<Project> Projects { get; } =
        [.. Files(".", "*.csproj").Select(ReadProject).OrderBy(p => p.Folder, StringComparer.Ordinal)];

    /// <summary>Paths relative to the root, with forward slashes; build output left out.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(Unsearched.Contains))
            .Order(StringComparer.Ordinal);

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static Project ReadProject(string path)
    {
        var named = XDocument.Parse(Text(path)).Descendants("AssemblyName").FirstOrDefault()?.Value;
        return new(Path.GetDirectoryName(path)!, named ?? Path.GetFileNameWithoutExtension(path));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AMA.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("no AMA.sln above the tests");
    }
}
