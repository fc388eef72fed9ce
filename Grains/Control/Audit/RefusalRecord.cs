using System.Globalization;
using System.Text.Json;
using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;
using Orleans;

namespace AMA.Grains.Control.Audit;

/// <summary>Puts what strangers are refused on record: one by one within <see cref="RefusalBudget"/>, else by number.</summary>
/// <remarks>Made before the keys are open.</remarks>
public sealed class RefusalRecord(KeyRingSlot keys, IGrainFactory grains, RefusalBudget budget, TimeProvider time)
{
    private IAuditGrain Audit => grains.GetGrain<IAuditGrain>(keys.Ring.Region.Text());

    /// <summary>Durable when it returns, or counted. Throws as <see cref="IAuditGrain.Append"/>.</summary>
    /// <param name="from">The caller's address; null: not known.</param>
    public Task RecordAsync(AuditEntry refusal, string? from) => budget.TryTake(refusal.Act, from ?? "")
        ? Audit.Append(refusal, null)
        : Task.CompletedTask;

    /// <summary>
    /// The same, but always an entry of its own: of somebody who is known, or rare by itself. Strangers can't keep it out
    /// of the log.
    /// </summary>
    public Task RecordAlwaysAsync(AuditEntry refusal) => Audit.Append(refusal, null);

    /// <summary>One entry with the number of refusals that got none since the last; none when there were none.</summary>
    public async Task SummariseAsync()
    {
        var counts = budget.TakeCounts();
        if (counts.Length == 0) return;
        try
        {
            await Audit.Append(new AuditEntry(AuditAct.RefusalSummary, Granted: false, time.GetUtcNow())
            {
                Detail = string.Join(", ", counts.Select(Text)),
                Reason = "more refusals than get an entry each; these were only counted",
            }, null);
        }
        catch
        {
            budget.PutBack(counts);
            throw;
        }
    }

    private static string Text((AuditAct Act, long Count) one) => string.Create(
        CultureInfo.InvariantCulture, $"{JsonNamingPolicy.KebabCaseLower.ConvertName(one.Act.ToString())} {one.Count}");
}
