using AMA.Archive.Ids;
using AMA.Grains.Control.Directory;
using AMA.Grains.Control.Keys;
using Microsoft.Extensions.Logging;
using Orleans;

namespace AMA.Grains.Control.Survival;

/// <summary>
/// Reads the tenants' logs again after a restore, beside everything else Control does: however long a log is, each call
/// of a grain is short, and a replay that was cut goes on where it was durable.
/// </summary>
public sealed partial class TenantReplays(
    IErasureReplay log, ReplayBoard board, KeyRingSlot slot, IGrainFactory grains, ILogger<TenantReplays> logger)
{
    private const int AtOnceMax = 4;

    /// <summary>A turn of every tenant. True: none is left that waits.</summary>
    public async Task<bool> RoundAsync(CancellationToken cancel)
    {
        var region = slot.Ring.Region.Text();
        var erasure = grains.GetGrain<IErasureGrain>(region);
        if (await erasure.Replayed() < slot.Ring.RestoreGeneration)
        {
            var tenants = await grains.GetGrain<ITenantListGrain>(region).Ids();
            var limit = new ParallelOptions { MaxDegreeOfParallelism = AtOnceMax, CancellationToken = cancel };
            await Parallel.ForEachAsync(tenants, limit, async (tenant, stop) => await TryAsync(tenant, stop));
            if (board.Waiting.Count > 0) return false;
            await erasure.SetReplayed(slot.Ring.RestoreGeneration);
        }
        return true;
    }

    private async Task TryAsync(Guid tenant, CancellationToken cancel)
    {
        try
        {
            await RunAsync(tenant, cancel);
            board.Done(tenant);
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            board.Set(tenant, new(board.Waiting.GetValueOrDefault(tenant)?.Below ?? 0, fault.Message));
            LogWaits(tenant, fault);
        }
    }

    private async Task RunAsync(Guid tenant, CancellationToken cancel)
    {
        var keys = grains.GetGrain<IReplayedKeysGrain>($"{slot.Ring.Region.Text()}/{tenant:N}");
        if (await keys.Begin() is not { } start) return;
        board.Set(tenant, new(start.Number + 1, null));
        await foreach (var piece in ReplayPieces.ReadAsync(log, new(tenant), start, cancel))
        {
            await keys.Replay(piece);
            board.Set(tenant, new(piece.Number + 1, null));
        }
    }

    [LoggerMessage(1, LogLevel.Critical,
        "Tenant {tenant} is leased nothing: what was erased before Control was restored could not be erased again")]
    private partial void LogWaits(Guid tenant, Exception fault);
}
