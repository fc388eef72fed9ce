using System.Globalization;
using AMA.Archive.Ids;
using AMA.Grains.Control;
using AMA.Grains.Control.Keys;

namespace AMA.Silo.Control.Admin;

/// <summary>Region, stores and what is leased.</summary>
internal sealed class ControlStatus(
    KeyRing ring, ControlSiloOptions options, ControlStores stores, ControlOverview overview, TimeProvider time)
    : IStatusPart
{
    public async Task<IReadOnlyList<StatusLine>> ReadAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var seen = await overview.ReadAsync(now);
        return
        [
            new("region", ring.Region.Text()),
            await StoreAsync("store a", options.DirectoryA, stores.CheckAAsync, cancel),
            await StoreAsync("store b", options.DirectoryB, stores.CheckBAsync, cancel),
            new("leases live", seen.LeasesLive.ToString(CultureInfo.InvariantCulture)),
            new("tenants", seen.Tenants.ToString(CultureInfo.InvariantCulture)),
            .. seen.Silos.Select(silo => new StatusLine(
                $"silo {silo.Silo}", $"start {silo.Incarnation}, {Age(now - silo.RegisteredAt)} ago")),
        ];
    }

    private static async Task<StatusLine> StoreAsync(
        string name, string directory, Func<CancellationToken, Task> check, CancellationToken cancel)
    {
        try
        {
            await check(cancel);
            return new(name, directory);
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            return new(name, $"{directory}: {fault.Message}", Good: false);
        }
    }

    private static string Age(TimeSpan age) => age.TotalHours >= 48
        ? $"{age.TotalDays:0} days"
        : age.TotalMinutes >= 120 ? $"{age.TotalHours:0} h" : $"{age.TotalMinutes:0} min";
}
