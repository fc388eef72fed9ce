using AMA.Archive.Keys.Leases;

namespace AMA.Grains.Control.Leases;

/// <summary>
/// What renewals have changed since a tenant's state was written: when leases end, and how far their subtrees are used.
/// Small, and without a key: so a renewal writes neither all keys of the tenant, nor anything off site. A value.
/// </summary>
/// <remarks>
/// Losing it, or an older copy of it, is harmless: a lease then ends for Control when its grant, or an earlier renewal,
/// said so, and its silo asks for another; numbers of leaves come again with the next report. Neither ever makes a
/// lease longer, or a leaf unused, than what was answered.
/// </remarks>
public sealed record RenewalsState
{
    public RenewedLease[] Leases { get; init; } = [];

    public ReportedSubtree[] Subtrees { get; init; } = [];

    /// <summary>
    /// What makes <paramref name="next"/> of <paramref name="stored"/>; null when that is more than renewals, or
    /// something that must be off site: the first used, and the first indexed leaf of a subtree, by which a restored
    /// Control knows a log that was cut.
    /// </summary>
    public static RenewalsState? Between(LeaseState stored, LeaseState next)
    {
        var (before, after) = (stored.Ledger, next.Ledger);
        if (stored with { Ledger = after } != next || before.Fence != after.Fence) return null;
        var leases = Renewed(before.Leases, after.Leases);
        var subtrees = Reported(before, after);
        return leases is null || subtrees is null ? null : new() { Leases = leases, Subtrees = subtrees };
    }

    /// <summary>The state as it counts. What is here of leases and subtrees that are gone is passed over.</summary>
    public LeaseState Over(LeaseState stored) => Leases.Length + Subtrees.Length == 0 ? stored : stored with
    {
        Ledger = stored.Ledger with
        {
            Leases = [.. stored.Ledger.Leases.Select(Over)],
            Parts = [.. stored.Ledger.Parts.Select(Over)],
        },
    };

    private LeaseEntry Over(LeaseEntry lease) =>
        Array.Find(Leases, other => other.Id == lease.Id) is { } renewed
            ? lease with { ExpiresAt = Later(lease.ExpiresAt, renewed.ExpiresAt), Heard = true }
            : lease;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private PartLedger Over(PartLedger part)
    {
        var reported = Subtrees.Where(report => part.Is(report.Class, report.Epoch, report.Generation))
            .ToDictionary(report => report.FirstLeaf);
        return reported.Count == 0 ? part : part with { Subtrees = [.. part.Subtrees.Select(AsReported)] };

        SubtreeAllocation AsReported(SubtreeAllocation subtree) =>
            !subtree.Closed && reported.GetValueOrDefault(subtree.FirstLeaf) is { } report
            && report.LeaseId == subtree.LeaseId
                ? subtree with
                {
                    Used = Math.Max(subtree.Used, report.Used), Indexed = Math.Max(subtree.Indexed, report.Indexed),
                }
                : subtree;
    }

    private static RenewedLease[]? Renewed(LeaseEntry[] before, LeaseEntry[] after)
    {
        if (before.Length != after.Length) return null;
        var renewed = new List<RenewedLease>();
        foreach (var (old, lease) in before.Zip(after))
        {
            if (old == lease) continue;
            if (!lease.Heard || old with { ExpiresAt = lease.ExpiresAt, Heard = true } != lease) return null;
            renewed.Add(new(lease.Id, lease.ExpiresAt));
        }
        return [.. renewed];
    }

    private static ReportedSubtree[]? Reported(LeaseLedger before, LeaseLedger after)
    {
        if (before.Parts.Length != after.Parts.Length) return null;
        var reported = new List<ReportedSubtree>();
        foreach (var part in after.Parts)
        {
            if (before.Find(new LeaseTarget(part.Class, part.Epoch, part.Generation, [])) is not { } old) return null;
            if (old == part) continue;
            if (old with { Subtrees = part.Subtrees } != part || old.Subtrees.Length != part.Subtrees.Length) return null;
            foreach (var (was, subtree) in old.Subtrees.Zip(part.Subtrees))
            {
                if (was == subtree) continue;
                if (!IsOnlyReported(was, subtree)) return null;
                reported.Add(new(
                    part.Class, part.Epoch, part.Generation, subtree.FirstLeaf, subtree.LeaseId, subtree.Used,
                    subtree.Indexed));
            }
        }
        return [.. reported];
    }

    private static bool IsOnlyReported(SubtreeAllocation was, SubtreeAllocation subtree) =>
        was with { Used = subtree.Used, Indexed = subtree.Indexed } == subtree
        && was.Used > 0 == subtree.Used > 0 && was.Indexed > 0 == subtree.Indexed > 0;
}

public sealed record RenewedLease(Guid Id, DateTimeOffset ExpiresAt);

/// <param name="LeaseId">To whom the subtree was given.</param>
public sealed record ReportedSubtree(
    ushort Class, uint Epoch, uint Generation, uint FirstLeaf, Guid LeaseId, uint Used, uint Indexed);
