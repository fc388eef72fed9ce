using Microsoft.Extensions.DependencyInjection;
using System.Reflection;
using Orleans.Configuration;
using Orleans.Hosting;

namespace AMA.Adapters.Hosting;

/// <summary>Keeps the grain classes of one cluster out of the silos of another in the same process.</summary>
public static class ClusterAssemblies
{
    private const string OwnPrefix = "AMA.";

    /// <summary>
    /// Of our grain classes this silo activates only those of <paramref name="grains"/>. Orleans finds every grain
    /// class of the process: without this a production silo would offer to host Control's grains, and be asked for
    /// keys.
    /// </summary>
    public static ISiloBuilder KeepOnly(this ISiloBuilder silo, params Assembly[] grains)
    {
        silo.Services.PostConfigure<GrainTypeOptions>(types =>
            types.Classes.RemoveWhere(type => IsOurs(type.Assembly) && !grains.Contains(type.Assembly)));
        return silo;
    }

    private static bool IsOurs(Assembly assembly) =>
        assembly.GetName().Name?.StartsWith(OwnPrefix, StringComparison.Ordinal) == true;
}
