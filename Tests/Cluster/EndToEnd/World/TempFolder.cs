namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>A folder that goes when the test has ended.</summary>
public sealed class TempFolder(string what) : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory($"ama-{what}-").FullName;

    public string At(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    /// <summary>All files below a folder of it, hidden ones too, in ordinal order; none when it isn't there.</summary>
    public string[] Files(params string[] names)
    {
        var folder = At(names);
        if (!Directory.Exists(folder)) return [];
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    public void Dispose()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }
}
