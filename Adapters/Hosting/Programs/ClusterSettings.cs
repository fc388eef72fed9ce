using System.Net;
using AMA.Archive.Ids;

namespace AMA.Adapters.Hosting.Programs;

/// <summary>
/// Where the two clusters of a region are: AMA:Cluster:Control and AMA:Cluster:Production. A silo listens there, its
/// clients look there. Each cluster has one silo for each region (docs/decisions/0008), whose memory holds its membership:
/// a Primary, which would make it the second of a cluster, is refused.
/// </summary>
public static class ClusterSettings
{
    /// <summary>AMA:Cluster:Control:{Silo, Gateway}; 127.0.0.1:7501 and :7502.</summary>
    public static ClusterPorts Control(SettingsReader settings)
    {
        // Each process has the region's keys in memory: a rotation in one would leave the other with those of before.
        RefusePrimary(settings, "Control", "a region's Control is one process, a second one would lose keys");
        return Read(settings, "control", "Control", 7501, 7502);
    }

    /// <summary>AMA:Cluster:Production:{Silo, Gateway}; 127.0.0.1:7511 and :7512.</summary>
    public static ClusterPorts Production(SettingsReader settings)
    {
        // Silos know each other's calls by a pass that each process makes for itself: two would refuse one another.
        RefusePrimary(settings, "Production", "a region has one archive silo, a second one cannot join it yet");
        return Read(settings, "production", "Production", 7511, 7512);
    }

    private static void RefusePrimary(SettingsReader settings, string name, string why)
    {
        var key = $"AMA:Cluster:{name}:Primary";
        if (settings.OptionalText(key) is not null) settings.Problem($"{key}: {why}. Take it out.");
    }

    private static ClusterPorts Read(SettingsReader settings, string id, string name, int silo, int gateway)
    {
        var region = settings.Region("AMA:Region", Region.Eu);
        var (siloKey, gatewayKey) = ($"AMA:Cluster:{name}:Silo", $"AMA:Cluster:{name}:Gateway");
        var siloAt = settings.Endpoint(siloKey, new(IPAddress.Loopback, silo));
        var gatewayAt = settings.Endpoint(gatewayKey, new(IPAddress.Loopback, gateway));
        if (!siloAt.Address.Equals(gatewayAt.Address))
            settings.Problem($"{siloKey} and {gatewayKey} need the same address: both are ports of one silo.");
        return new($"ama-{id}-{region.Text()}", siloAt.Port, gatewayAt.Port) { Address = siloAt.Address };
    }
}
