using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Programs;
using AMA.Archive.Access;

namespace AMA.Gateway.Web;

/// <summary>Settings of a web gateway that is a process of its own.</summary>
internal sealed record WebProgramOptions(
    WebGatewayOptions Web, ClusterPorts Production, ClusterPorts Control, IdentitySettings Identity)
{
    public const string Help = """
        AMA's web gateway: the REST API. Holds no key.

        Settings (--AMA:Name=value, appsettings.json, or the environment as AMA__Region):
          AMA:DataDirectory                ./ama-data
          AMA:Region                       eu                      eu or us
          AMA:Web:Endpoint                 http://127.0.0.1:8080   http only on loopback
          AMA:Web:Certificate              (none)                  PEM file, for an https endpoint
          AMA:Cluster:Production:Gateway   127.0.0.1:7512          where the archive silo is
          AMA:Cluster:Production:Silo      127.0.0.1:7511
          AMA:Cluster:Control:Gateway      127.0.0.1:7502          where Control is
          AMA:Cluster:Control:Silo         127.0.0.1:7501
          AMA:Metrics:Endpoint             (none)                  http://127.0.0.1:9464: Prometheus metrics
          AMA:Identity:Name                web-1                   in its certificate
          AMA:Identity:Directory           identity/web            the certificate and its key
          AMA:Identity:EnrolmentEndpoint   127.0.0.1:7443          Control's
          AMA:Identity:EnrolmentToken      (none)                  once: ama control enroll --role web --name NAME

        Exit codes: 0 stopped in order, 1 could not start, 2 wrong settings.
        """;

    public static WebProgramOptions Read(SettingsReader settings)
    {
        var root = Path.GetFullPath(settings.Text("AMA:DataDirectory", "./ama-data"));
        return new(
            WebGatewayOptions.Read(settings), ClusterSettings.Production(settings), ClusterSettings.Control(settings),
            IdentitySettings.Read(settings, PeerRole.Web, root));
    }
}
