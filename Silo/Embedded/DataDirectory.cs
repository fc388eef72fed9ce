using AMA.Adapters.Hosting;

namespace AMA.Silo.Embedded;

/// <summary>
/// The one directory of an embedded archive; its folders are the clouds that are apart in a large installation.
/// <c>AMA:DataDirectory</c>, default <c>./ama-data</c>. <c>AMA:Spool:Directories</c>, default <c>spool/a</c> and
/// <c>spool/b</c> in it: better two disks.
/// </summary>
public sealed record DataDirectory(string Root, IReadOnlyList<string> Spool)
{
    private const int SpoolDirectoriesMin = 2;

    public string Primary => At("primary");
    public string Backup => At("backup");
    public string Local => At("local");
    public string Index => At("local", "index");

    public static DataDirectory Read(SettingsReader settings)
    {
        var root = Path.GetFullPath(settings.Text("AMA:DataDirectory", "./ama-data"));
        var spool = settings.List("AMA:Spool:Directories", [Path.Combine(root, "spool", "a"), Path.Combine(root, "spool", "b")]);
        string[] whole = [.. spool.Select(Path.GetFullPath)];
        if (whole.Distinct().Count() < SpoolDirectoriesMin)
            settings.Problem("AMA:Spool:Directories needs at least two different directories: mail is accepted only "
                + "when it is safe in each of them.");
        if (File.Exists(root))
            settings.Wrong("AMA:DataDirectory", "a directory is allowed, and this is a file");
        return new(root, whole);
    }

    /// <summary>
    /// Takes the directory for this process; the operating system gives it back when the process ends, however. Throws
    /// <see cref="IOException"/> when another process has it.
    /// </summary>
    public FileStream Lock()
    {
        if (!OperatingSystem.IsWindows())
            Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        else
            Directory.CreateDirectory(Root);
        return new(At(".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    private string At(params string[] names) => Path.Combine([Root, .. names]);
}
