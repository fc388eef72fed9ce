namespace AMA.Adapters.Hosting.Programs;

/// <summary>AMA:Spool:Directories, the same for SMTP gateways and archive silos: at least two.</summary>
public static class SpoolSettings
{
    private const int DirectoriesMin = 2;

    /// <summary>Whole paths; default "spool/a" and "spool/b" in the data directory.</summary>
    public static IReadOnlyList<string> Read(SettingsReader settings, string dataDirectory)
    {
        var spool = settings.List("AMA:Spool:Directories",
            [Path.Combine(dataDirectory, "spool", "a"), Path.Combine(dataDirectory, "spool", "b")]);
        string[] whole = [.. spool.Select(Path.GetFullPath)];
        if (whole.Distinct().Count() < DirectoriesMin)
            settings.Problem("AMA:Spool:Directories needs at least two different directories: mail is accepted only "
                + "when it is safe in each of them.");
        return whole;
    }
}
