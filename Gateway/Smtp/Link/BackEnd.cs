using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
using AMA.Gateway.Smtp.Spooling;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Link;

/// <summary>The production cluster, as far as a gateway may speak with it.</summary>
internal interface IBackEnd
{
    /// <summary>Done when there has been a connection; before it no grain is known.</summary>
    Task Ready { get; }

    IRelayGrain Relay(Region region);

    ISpoolReaderGrain SpoolReader(Region region);
}

internal sealed class ClusterBackEnd([FromKeyedServices(ClusterBackEnd.ClusterName)] RemoteCluster cluster) : IBackEnd
{
    public const string ClusterName = "production";

    public Task Ready => cluster.Ready;

    public IRelayGrain Relay(Region region) => cluster.Client.GetGrain<IRelayGrain>(region.Text());

    public ISpoolReaderGrain SpoolReader(Region region) => cluster.Client.GetGrain<ISpoolReaderGrain>(region.Text());
}

/// <summary>
/// Wakes the spool reader, one call at a time: what is stored meanwhile makes for one more, however much it is. A
/// cluster that is away finds the segments by itself when it is back.
/// </summary>
internal sealed partial class SpoolReaderHint(
    IBackEnd backEnd, GatewayLinkSettings settings, ILogger<SpoolReaderHint> log)
    : ISpoolHint
{
    private const int Idle = 0;
    private const int Calling = 1;
    private const int CallingAgain = 2;

    private int _state = Idle;

    public void SegmentStored()
    {
        if (!backEnd.Ready.IsCompletedSuccessfully) return;
        if (Interlocked.CompareExchange(ref _state, CallingAgain, Calling) != Idle) return;
        if (Interlocked.CompareExchange(ref _state, Calling, Idle) == Idle) _ = WakeAsync();
    }

    private async Task WakeAsync()
    {
        do
        {
            Volatile.Write(ref _state, Calling);
            await CallAsync();
        }
        while (Interlocked.CompareExchange(ref _state, Idle, Calling) != Calling);
    }

    private async Task CallAsync()
    {
        try
        {
            await backEnd.SpoolReader(settings.Region).Wake();
        }
        catch (Exception fault)
        {
            LogLost(fault.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The spool reader was not woken: {reason}")]
    private partial void LogLost(string reason);
}
