using AMA.Adapters.Submission;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>Real mail for tests: the folder that AMA_CORPUS names, by default beside the repository.</summary>
public static class Corpus
{
    public static string Folder { get; } = Environment.GetEnvironmentVariable("AMA_CORPUS") is { Length: > 0 } named
        ? named
        : Path.Combine(RepositoryRoot(), "..", "shared", "corpus");

    public static bool IsThere => Directory.Exists(Path.Combine(Folder, "ordinary"));

    /// <summary>Every n-th message of the mail archives under a folder.</summary>
    public static async Task<List<MessageSource>> EveryAsync(int nth, params string[] files)
    {
        var picked = new List<MessageSource>();
        var at = 0;
        await foreach (var message in MessageSources.EnumerateAsync(files, new(), CancellationToken.None))
            if (at++ % nth == 0) picked.Add(message);
        return picked;
    }

    public static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "AMA.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("AMA.sln is nowhere above");
        return folder;
    }
}
