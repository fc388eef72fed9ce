using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Programs;
using AMA.Archive.Access;
using AMA.Archive.Ids;

namespace AMA.Silo.Archive;

/// <summary>Settings of an archive silo that is a process of its own.</summary>
public sealed record ArchiveProgramOptions
{
    public required Region Region { get; init; }

    /// <summary>AMA:Archive:PrimaryDirectory, default "primary" in the data directory.</summary>
    public required string Primary { get; init; }

    /// <summary>AMA:Archive:BackupDirectory, default "backup" in the data directory; better another disk.</summary>
    public required string Backup { get; init; }

    /// <summary>AMA:Spool:Directories: where the SMTP gateways write to, two or more.</summary>
    public required IReadOnlyList<string> Spool { get; init; }

    /// <summary>AMA:Archive:LocalDirectory, default "local" in the data directory: sealed, and made again if lost.</summary>
    public required string Local { get; init; }

    public required ClusterPorts Control { get; init; }
    public required ClusterPorts Production { get; init; }
    public required IdentitySettings Identity { get; init; }

    public static ArchiveProgramOptions Read(SettingsReader settings)
    {
        var root = Path.GetFullPath(settings.Text("AMA:DataDirectory", "./ama-data"));
        string At(string key, string name) => Path.GetFullPath(settings.Text(key, Path.Combine(root, name)));
        return new()
        {
            Region = settings.Region("AMA:Region", Region.Eu),
            Primary = At("AMA:Archive:PrimaryDirectory", "primary"),
            Backup = At("AMA:Archive:BackupDirectory", "backup"),
            Spool = SpoolSettings.Read(settings, root),
            Local = At("AMA:Archive:LocalDirectory", "local"),
            Control = ClusterSettings.Control(settings),
            Production = ClusterSettings.Production(settings),
            Identity = IdentitySettings.Read(settings, PeerRole.Backend, root),
        };
    }
}
