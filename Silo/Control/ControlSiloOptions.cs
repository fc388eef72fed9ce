using System.Net;
using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Silo.Control.Roots;

namespace AMA.Silo.Control;

/// <summary>What a control silo is told from outside.</summary>
public sealed record ControlSiloOptions
{
    public const string DefaultDataDirectory = "./ama-data";
    public const int DefaultEnrolmentPort = 7443;

    /// <summary>The region whose keys and directory these are.</summary>
    public required Region Region { get; init; }

    /// <summary>
    /// AMA:Control:Stores: Control's two stores, each with its own key root. On one disk they survive a mistake, on two
    /// a failure.
    /// </summary>
    public required string DirectoryA { get; init; }

    public required string DirectoryB { get; init; }

    /// <summary>AMA:Control:KeyRoot, for store a.</summary>
    public KeyRootOptions KeyRootA { get; init; } = new();

    /// <summary>AMA:Control:KeyRoot, for store b.</summary>
    public KeyRootOptions KeyRootB { get; init; } = new();

    /// <summary>Where the operator finds the token made at the first start; mode 0600. May be moved away.</summary>
    public required string OperatorTokenFile { get; init; }

    /// <summary>"control/admin.sock" in the data directory: where operators on this machine work on Control.</summary>
    public required string AdminSocket { get; init; }

    /// <summary>
    /// AMA:Control:EnrolmentEndpoint, default 127.0.0.1:7443: HTTPS, where processes of the region get certificates. The
    /// one port of Control that needs none; to be reached by production's machines only. Port 0 takes a free one.
    /// </summary>
    public IPEndPoint EnrolmentEndpoint { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>
    /// AMA:Lease:TtlSeconds, 10 to 28,800, default 3600: a silo that loses Control can go on so long, and no longer.
    /// </summary>
    public int LeaseTtlSeconds { get; init; } = LeaseLimits.TtlSecondsDefault;

    /// <summary>AMA:Control:SessionHours, 1 to 24, default 8: how long people stay signed in.</summary>
    public int SessionHours { get; init; } = 8;

    /// <summary>
    /// Tenants may be made that need no second factor. Not a setting: the embedded host says so when nobody but this
    /// machine can reach its REST gateway.
    /// </summary>
    public bool SecondFactorMayBeOff { get; init; }

    /// <summary>AMA:Control:CertificateHours, 24 to 72, default 72: of gateways' and silos' certificates.</summary>
    public int CertificateHours { get; init; } = 72;

    /// <summary>
    /// AMA:Control:OffsiteBackup: a directory to which every version of Control's keys is appended, as ciphertext. It
    /// should be on another machine's disk, or in another building: it is what is left when both stores are lost.
    /// Default: control/offsite in the data directory.
    /// </summary>
    public required string OffsiteBackup { get; init; }

    /// <summary>
    /// AMA:Control:Recovery:BackupDirectory: the archive's Backup store, readable from here. Only a Control that was
    /// restored reads it, for what was erased since its backup; without it such a Control leases nothing. Default: none.
    /// </summary>
    public string? RecoveryBackup { get; init; }

    public static ControlSiloOptions In(string dataDirectory, Region region) => new()
    {
        Region = region,
        DirectoryA = Path.Combine(dataDirectory, "control", "a"),
        DirectoryB = Path.Combine(dataDirectory, "control", "b"),
        OperatorTokenFile = Path.Combine(dataDirectory, "control", "operator.token"),
        AdminSocket = Path.Combine(dataDirectory, "control", "admin.sock"),
        OffsiteBackup = Path.Combine(dataDirectory, "control", "offsite"),
    };

    /// <param name="enrolmentPort">Where the settings name no endpoint.</param>
    public static ControlSiloOptions Read(SettingsReader settings, int enrolmentPort = DefaultEnrolmentPort)
    {
        var defaults = In(
            settings.Text("AMA:DataDirectory", DefaultDataDirectory), settings.Region("AMA:Region", Region.Eu));
        var roots = new KeyRootSettings(settings);
        var (directoryA, directoryB) = roots.Directories(defaults.DirectoryA, defaults.DirectoryB);
        var (rootA, rootB) = roots.Read();
        return defaults with
        {
            DirectoryA = directoryA,
            DirectoryB = directoryB,
            KeyRootA = rootA,
            KeyRootB = rootB,
            RecoveryBackup = settings.OptionalText("AMA:Control:Recovery:BackupDirectory"),
            OffsiteBackup = settings.Text("AMA:Control:OffsiteBackup", defaults.OffsiteBackup),
            OperatorTokenFile = settings.Text("AMA:Control:OperatorTokenFile", defaults.OperatorTokenFile),
            EnrolmentEndpoint = settings.Endpoint(
                "AMA:Control:EnrolmentEndpoint", new(IPAddress.Loopback, enrolmentPort)),
            LeaseTtlSeconds = settings.Number(
                "AMA:Lease:TtlSeconds", defaults.LeaseTtlSeconds, LeaseLimits.TtlSecondsMin, LeaseLimits.TtlSecondsMax),
            SessionHours = settings.Number("AMA:Control:SessionHours", defaults.SessionHours, 1, 24),
            CertificateHours = settings.Number("AMA:Control:CertificateHours", defaults.CertificateHours, 24, 72),
        };
    }
}
