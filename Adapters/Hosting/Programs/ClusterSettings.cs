using System.Net;
using AMA.Archive.Ids;

namespace AMA.Adapters.Hosting.Programs;

/// <summary>
/// Where the two clusters of a region are: AMA:Cluster:Control and AMA:Cluster:Production. A silo listens there, its
/// clients look there. Each cluster has one silo whose memory holds its membership; a further silo of Control's names it
/// as Primary. Production has one silo for each region (docs/decisions/0008).
/// </summary>
public static class ClusterSettings
{
    /// <summary>AMA:Cluster:Control:{Silo, Gateway, Primary}; 127.0.0.1:7501 and :7502.</summary>
    public static ClusterPorts Control(SettingsReader settings) => Read(settings, "control", "Control", 7501, 7502);

    /// <summary>AMA:Cluster:Production:{Silo, Gateway}; 127.0.0.1:7511 and :7512. A Primary is refused.</summary>
    public static ClusterPorts Production(SettingsReader settings)
    {
        const string primary = "AMA:Cluster:Production:Primary";
        // Silos know each other's calls by a pass that each process makes for itself: two would refuse one another.
        if (settings.OptionalText(primary) is not null)
            settings.Problem($"{primary}: a region has one archive silo, a second one cannot join it yet. Take it out.");
        return Read(settings, "production", "Production", 7511, 7512);
    }

    private static ClusterPorts Read(SettingsReader settings, string id, string name, int silo, int gateway)
    {
        var region = settings.Region("AMA:Region", Region.Eu);
        var (siloKey, gatewayKey) = ($"AMA:Cluster:{name}:Silo", $"AMA:Cluster:{name}:Gateway");
        var siloAt = settings.Endpoint(siloKey, new(IPAddress.Loopback, silo));
        var gatewayAt = settings.Endpoint(gatewayKey, new(IPAddress.Loopback, gateway));
        if (!siloAt.Address.Equals(gatewayAt.Address))
            settings.Problem($"{siloKey} and {gatewayKey} need the same address: both are ports of one silo.");
        var primaryKey = $"AMA:Cluster:{name}:Primary";
        var primary = settings.OptionalText(primaryKey) is null ? null : settings.Endpoint(primaryKey, siloAt);
        return new($"ama-{id}-{region.Text()}", siloAt.Port, gatewayAt.Port)
        {
            Address = siloAt.Address, Primary = primary,
        };
    }
}
