namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>Where the repository and the corpus lie.</summary>
internal static class TestTree
{
    public static string Root { get; } = FindRoot();

    public static string Corpus { get; } =
        Environment.GetEnvironmentVariable("AMA_CORPUS") ?? Path.GetFullPath(Path.Combine(Root, "../shared/corpus"));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AMA.sln"))) return folder.FullName;
        throw new InvalidOperationException("no AMA.sln above the tests");
    }
}
