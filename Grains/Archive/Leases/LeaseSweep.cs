using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Leases;

/// <summary>Zeroes leased keys as soon as their time is over, whether anybody asks for them or not.</summary>
public sealed class LeaseSweep(LeaseHolder holder, TimeProvider time, ILogger<LeaseSweep> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
                Sweep();
        }
        catch (OperationCanceledException)
        {
            // The silo stops; the holder is disposed of with it.
        }
    }

    private void Sweep()
    {
        foreach (var lease in holder.All.Where(lease => lease.AlarmDue()))
            LeaseLog.EndIsNear(log, lease.Id, lease.Purpose, lease.Tenant, lease.Remaining);
        holder.Sweep();
    }
}
