namespace AMA.Tests.Unit.Tidy.Assemblies;

/// <summary>
/// Who may know whom: one row for each project. Core decides and touches nothing; adapters touch the world and know
/// no grains; gateways know grains by their interfaces only; Control knows nothing of mail. A new project needs a row.
/// </summary>
internal static class DependencyRules
{
    private static readonly string[] Orleans = ["Orleans", "Microsoft.Extensions"];
    private static readonly string[] Hosts = [.. Orleans, "Microsoft.AspNetCore", "Microsoft.OpenApi", "System.Net"];

    private static readonly string[] Adapters =
        ["AMA.Adapters.Local", "AMA.Adapters.Hosting", "AMA.Adapters.Submission"];

    private static readonly string[] KeyRoots = ["AMA.Adapters.Pkcs11", "AMA.Adapters.Azure"];

    private static readonly string[] Contracts = ["AMA.Grains.Interfaces.Archive", "AMA.Grains.Interfaces.Control"];

    /// <summary>
    /// Whatever reads the inside of a message: kept away from keys in Control and from the open port.
    /// </summary>
    private static readonly string[] MailReaders =
        ["AMA.Mail", "AMA.Search", "MimeKit", "AngleSharp", "Lucene.Net"];

    private static readonly string[] ArchiveBehind = ["AMA.Grains.Archive", "AMA.Silo.Archive", .. MailReaders];
    private static readonly string[] ControlBehind = ["AMA.Grains.Control", "AMA.Silo.Control"];
    private static readonly string[] Clusters = ["Microsoft.Orleans", "Orleans", "Microsoft.AspNetCore"];

    public static readonly Dependencies[] All =
    [
        new("Core/Archive", ["BouncyCastle.Cryptography", "NSec.Cryptography", "ZstdSharp"],
            ["AMA", "Microsoft.Extensions", .. Clusters]),
        new("Core/Mail", ["AMA.Archive", "MimeKit", "AngleSharp"], ["Microsoft.Extensions", .. Clusters]),
        new("Core/Search", ["AMA.Archive", "Lucene.Net", "J2N"], ["AMA.Mail", "MimeKit", .. Clusters]),

        new("Adapters/Local", ["AMA.Archive"], [.. MailReaders, .. Clusters]),
        new("Adapters/Pkcs11", ["AMA.Archive", "AMA.Adapters.Local", "Pkcs11Interop"], [.. MailReaders, .. Clusters]),
        new("Adapters/Azure", ["AMA.Archive", "Azure", "System.Net"], [.. MailReaders, .. Clusters]),
        new("Adapters/Submission", ["AMA.Archive", "System.Net"], [.. MailReaders, .. Clusters]),
        new("Adapters/Hosting", ["AMA.Archive", "OpenTelemetry", .. Hosts], [.. Contracts, .. ArchiveBehind, .. ControlBehind]),

        new("Grains.Interfaces/Archive", ["AMA.Archive", .. Orleans], [.. ArchiveBehind, .. ControlBehind]),
        new("Grains.Interfaces/Control", ["AMA.Archive", .. Orleans], [.. ArchiveBehind, .. ControlBehind]),

        new("Grains/Archive",
            ["AMA.Archive", "AMA.Mail", "AMA.Search", .. Adapters, .. Contracts, .. Orleans], ControlBehind),
        new("Grains/Control",
            ["AMA.Archive", "NSec.Cryptography", "Otp.NET", "AMA.Grains.Interfaces.Control", .. Adapters, .. Orleans],
            ["AMA.Grains.Interfaces.Archive", .. ArchiveBehind]),

        new("Silo/Archive",
            ["AMA.Archive", "AMA.Mail", "AMA.Search", "AMA.Grains.Archive", .. Adapters, .. Contracts, .. Hosts],
            ControlBehind),
        new("Silo/Control",
            ["AMA.Archive", "AMA.Grains.Control", "AMA.Grains.Interfaces.Control", .. KeyRoots, .. Adapters, .. Hosts],
            ["AMA.Grains.Interfaces.Archive", .. ArchiveBehind]),
        new("Silo/Embedded", ["AMA", .. Hosts], []),

        new("Gateway/Smtp",
            ["AMA.Archive", "AMA.Grains.Interfaces.Archive", .. Adapters, .. Hosts],
            ["AMA.Grains.Interfaces.Control", .. ArchiveBehind, .. ControlBehind]),
        new("Gateway/Web", ["AMA.Archive", .. Adapters, .. Contracts, .. Hosts], [.. ArchiveBehind, .. ControlBehind]),
        new("Gateway/Cli",
            ["AMA.Archive", "AMA.Adapters.Submission", "System.CommandLine", "Spectre.Console", "QRCoder", "System.Net"],
            [.. Contracts, .. ArchiveBehind, .. ControlBehind, .. Clusters]),
    ];
}
