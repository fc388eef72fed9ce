using System.Net;
using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Programs;
using AMA.Archive.Access;

namespace AMA.Silo.Control;

/// <summary>Settings of a control silo that is a process of its own.</summary>
/// <param name="Name">AMA:Identity:Name, in its certificate; default "control-1".</param>
public sealed record ControlProgramOptions(ControlSiloOptions Silo, ClusterPorts Ports, string Name)
{
    public static ControlProgramOptions Read(SettingsReader settings)
    {
        var (silo, ports) = (ControlSiloOptions.Read(settings), ClusterSettings.Control(settings));
        var name = settings.Text("AMA:Identity:Name", "control-1");
        if (!PeerIdentity.IsName(name))
            settings.Wrong("AMA:Identity:Name", "1 to 64 characters of a-z, 0-9 and - are allowed");
        silo = silo with { SecondFactorMayBeOff = ReadTrial(settings, silo, ports) };
        return new(silo, ports, name);
    }

    /// <summary>
    /// AMA:Control:SecondFactorMayBeOff, default false: for trials with all processes on one machine. Refused as soon
    /// as another machine could join.
    /// </summary>
    private static bool ReadTrial(SettingsReader settings, ControlSiloOptions silo, ClusterPorts ports)
    {
        const string key = "AMA:Control:SecondFactorMayBeOff";
        var may = settings.Flag(key, false);
        if (may && !(IPAddress.IsLoopback(ports.Address) && IPAddress.IsLoopback(silo.EnrolmentEndpoint.Address)))
            settings.Wrong(key, "true is allowed only while all of Control's endpoints are on 127.0.0.1");
        return may;
    }
}
