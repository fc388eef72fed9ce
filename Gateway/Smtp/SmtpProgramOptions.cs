using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Programs;
using AMA.Archive.Access;

namespace AMA.Gateway.Smtp;

/// <summary>Settings of an SMTP gateway that is a process of its own.</summary>
internal sealed record SmtpProgramOptions(
    string DataDirectory, SmtpGatewayOptions Smtp, IReadOnlyList<string> Spool, ClusterPorts Production,
    IdentitySettings Identity)
{
    public const string Help = """
        AMA's SMTP gateway: takes mail over TLS into the queue, which it can't read itself.

        Settings (--AMA:Name=value, appsettings.json, or the environment as AMA__Region):
          AMA:DataDirectory                ./ama-data
          AMA:Region                       eu                 eu or us
          AMA:Smtp:Endpoint                127.0.0.1:2525     SMTP with STARTTLS
          AMA:Smtp:ImplicitTlsEndpoint     127.0.0.1:2465     SMTP inside TLS from the first byte
          AMA:Smtp:Certificate             (a self-signed one)
          AMA:Spool:Directories            spool/a, spool/b   at least two, the archive silo's own
          AMA:Cluster:Production:Gateway   127.0.0.1:7512     where the archive silo is
          AMA:Cluster:Production:Silo      127.0.0.1:7511
          AMA:Metrics:Endpoint             (none)             http://127.0.0.1:9464: Prometheus metrics
          AMA:Identity:Name                gateway-1          in its certificate
          AMA:Identity:Directory           identity/gateway   certificate, key, Control's signed papers
          AMA:Identity:EnrolmentEndpoint   127.0.0.1:7443     Control's
          AMA:Identity:EnrolmentToken      (none)             once: ama control enroll --role gateway --name NAME

        Exit codes: 0 stopped in order, 1 could not start, 2 wrong settings.
        """;

    public static SmtpProgramOptions Read(SettingsReader settings)
    {
        var root = Path.GetFullPath(settings.Text("AMA:DataDirectory", "./ama-data"));
        var smtp = SmtpGatewayOptions.Read(settings);
        if (smtp.CertificatePath.Length > 0 && !File.Exists(smtp.CertificatePath))
            settings.Wrong("AMA:Smtp:Certificate", "the path of a PEM file with certificate and private key is allowed");
        return new(
            root, smtp, SpoolSettings.Read(settings, root), ClusterSettings.Production(settings),
            IdentitySettings.Read(settings, PeerRole.Gateway, root));
    }
}
