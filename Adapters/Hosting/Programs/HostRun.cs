using Microsoft.Extensions.Hosting;

namespace AMA.Adapters.Hosting.Programs;

public static class HostRun
{
    /// <summary>Running transactions and leases are given back within this time.</summary>
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(25);

    /// <summary>A started host, until it is told to stop; then it stops in order.</summary>
    /// <param name="work">How long what it does itself may take to end, where that is a setting.</param>
    public static async Task RunUntilAsync(this IHost host, CancellationToken stop, TimeSpan work = default)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stop.Register(() => told.TrySetResult())) await told.Task;
        using var limit = new CancellationTokenSource(StopTimeMax + work);
        await host.StopAsync(limit.Token);
    }
}
