using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Metrics;
using AMA.Archive.Ids;
using AMA.Gateway.Smtp;
using AMA.Gateway.Web;
using AMA.Silo.Control;

namespace AMA.Silo.Embedded;

/// <summary>All settings of the embedded host, read and checked before anything listens.</summary>
public sealed record EmbeddedOptions
{
    public required DataDirectory Data { get; init; }

    /// <summary><c>AMA:Region</c>, default eu: where this archive is. It stands in every record and can't be changed later.</summary>
    public required Region Region { get; init; }

    public required ControlSiloOptions Control { get; init; }
    public required SmtpGatewayOptions Smtp { get; init; }
    public required WebGatewayOptions Web { get; init; }
    public required MetricsOptions Metrics { get; init; }

    /// <summary>Reads everything; what is wrong, a misspelt key included, stands in the reader's problems.</summary>
    public static EmbeddedOptions Read(SettingsReader settings)
    {
        var options = new EmbeddedOptions
        {
            Data = DataDirectory.Read(settings),
            Region = settings.Region("AMA:Region", Region.Eu),
            Control = ControlSiloOptions.Read(settings, enrolmentPort: 0),
            Smtp = SmtpGatewayOptions.Read(settings),
            Web = WebGatewayOptions.Read(settings),
            Metrics = MetricsOptions.Read(settings),
        };
        options = options with
        {
            Control = options.Control with
            {
                SecondFactorMayBeOff = OnlyThisMachine(options.Web),
                // The archive is here, and so is what a restored Control must read of it.
                RecoveryBackup = options.Control.RecoveryBackup ?? options.Data.Backup,
            },
        };
        CheckCertificate(options.Smtp, settings);
        settings.RefuseUnknownKeys();
        return options;
    }

    /// <summary>Trying out needs no second factor; what others can reach does.</summary>
    private static bool OnlyThisMachine(WebGatewayOptions web) => web.Endpoint.IsLoopback;

    private static void CheckCertificate(SmtpGatewayOptions smtp, SettingsReader settings)
    {
        if (smtp.CertificatePath.Length > 0 && !File.Exists(smtp.CertificatePath))
            settings.Wrong("AMA:Smtp:Certificate", "the path of a PEM file with certificate and private key is allowed");
    }
}
