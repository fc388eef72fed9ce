using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Deliveries;

/// <summary>What the indexes say of records, part by part; nothing of parts whose keys the asker's lease wasn't given.</summary>
public sealed class DayHeads(HeldLease? lease, IGrainFactory grains, PartView[] parts)
{
    public async Task<Dictionary<Guid, MessageItem>> OfAsync(LogEntry[] entries)
    {
        var found = new Dictionary<Guid, MessageItem>();
        foreach (var some in entries.GroupBy(entry => new RetentionPart(
            entry.Leaf.Tenant, entry.Leaf.Class, entry.Leaf.Epoch)))
        {
            if (lease?.WasGiven(LeasedKeyKind.Ixk, some.Key) != true) continue;
            var below = parts.FirstOrDefault(p => p.Class == some.Key.Class && p.Epoch == some.Key.Epoch).MustHoldBelow;
            Guid[] records = [.. some.Select(entry => entry.Leaf.Record.Value).Distinct()];
            foreach (var head in await grains.GetGrain<IIndexGrain>(some.Key.ToString()).Heads(records, below))
                if (head is not null) found[head.Id] = head;
        }
        return found;
    }
}
