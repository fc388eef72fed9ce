using AMA.Gateway.Web.Clusters;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace AMA.Gateway.Web.Tenants;

/// <summary>Lets a change of the directory reach the connected SMTP gateways before its author hears of it.</summary>
internal sealed partial class DirectoryNews(IClusters clusters, ILogger<DirectoryNews> log)
{
    /// <summary>
    /// Returns when the gateways know <paramref name="version"/>, or when that takes too long. The change is durable
    /// in Control by then, so a slow gateway is no reason to answer with an error: it will hear by itself.
    /// </summary>
    public async Task SpreadAsync(long version)
    {
        try
        {
            if (!await clusters.Relay().Publish(version)) LogSlow(version);
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException or ClusterAwayException)
        {
            LogUnspread(version, exception.GetType().Name);
        }
    }
}
