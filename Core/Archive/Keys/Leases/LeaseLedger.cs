namespace AMA.Archive.Keys.Leases;

/// <summary>
/// What one lease grain of Control has promised: live leases, the writer's fence and the subtrees of every part. A
/// value: each step answers the next ledger, which the grain makes durable before anybody learns of it. Steps throw
/// <see cref="LeaseRefusedException"/>.
/// </summary>
public sealed record LeaseLedger
{
    /// <summary>Renewable leases of one tenant at once; far more than silos.</summary>
    public const int LeasesMax = 1024;

    /// <summary>
    /// Leases of one start, purpose and parts of which Control has heard nothing since the grant. Their answers may be
    /// lost, and the silo asks again and again: then the newest take the places of the oldest.
    /// </summary>
    public const int UnheardMax = 4;

    /// <summary>A lease that ran out can be released for so long: its holder may have been paused.</summary>
    private static readonly TimeSpan LateReleaseMax = TimeSpan.FromDays(1);

    /// <summary>The generation of restores stands above so many bits of a fence.</summary>
    public const int RestoredFenceBit = 48;

    /// <summary>Of the newest writer; 0 before the first.</summary>
    public ulong Fence { get; init; }

    public LeaseEntry[] Leases { get; init; } = [];

    public PartLedger[] Parts { get; init; } = [];

    /// <summary>A new lease. One of purpose ingest gets the next fence: every earlier writer is behind it.</summary>
    public LeaseLedger Open(
        Guid id, LeaseRequest request, int ttlSeconds, DateTimeOffset now, DateTimeOffset? notAfter)
    {
        var parts = LeaseEntry.PartsOf(request);
        var kept = Kept(request, parts, now);
        LeaseRefusedException.Unless(kept.Length < LeasesMax, LeaseRefusal.Unavailable, "too many leases at once");
        // A start before this one is dead: nobody renews what it was given.
        LeaseRefusedException.Unless(
            kept.Count(lease => lease.IsOf(request) && lease.ExpiresAt > now) < LeaseLimits.LeasesPerSiloMax,
            LeaseRefusal.Unavailable, "the silo has as many leases as it may");
        var fence = request.Purpose == LeasePurpose.Ingest ? Fence + 1 : 0;
        var lease = new LeaseEntry(
            id, request.SiloId, request.Incarnation, request.Purpose, fence, now, now.AddSeconds(ttlSeconds), notAfter)
        {
            Parts = parts,
        };
        return this with { Fence = Math.Max(Fence, fence), Leases = [.. kept, lease] };
    }

    /// <summary>
    /// After Control was restored for the <paramref name="generation"/>th time: every earlier lease is dead, and fences
    /// and leaves go on above all that were given out before, also those that no backup knows of.
    /// </summary>
    public LeaseLedger Restored(uint generation) => this with
    {
        Fence = Math.Max(Fence, (ulong)generation << RestoredFenceBit),
        Leases = [],
        Parts = [.. Parts.Select(part => part.Restored(generation))],
    };

    /// <summary>The live lease that <paramref name="request"/> names, which must be its own.</summary>
    public LeaseEntry Live(LeaseRequest request, DateTimeOffset now)
    {
        var lease = Own(request);
        LeaseRefusedException.Unless(now < lease.ExpiresAt, LeaseRefusal.NotAuthorised, "the lease has run out");
        var behind = lease.Purpose == LeasePurpose.Ingest && lease.Fence < Fence && !IsWriter(request);
        LeaseRefusedException.Unless(!behind, LeaseRefusal.NotAuthorised, "another writer has taken over");
        return lease;
    }

    /// <summary>The lease that <paramref name="request"/> names, which must be its own but may have run out.</summary>
    public LeaseEntry Own(LeaseRequest request)
    {
        var lease = Array.Find(Leases, lease => lease.Id == request.LeaseId);
        if (lease is null) throw new LeaseRefusedException(LeaseRefusal.NotFound, "no such lease, or it has ended");
        LeaseRefusedException.Unless(
            lease.IsOf(request) && lease.Purpose == request.Purpose,
            LeaseRefusal.NotAuthorised, "the lease belongs to another silo, start or purpose");
        return lease;
    }

    /// <summary>The same lease, longer, but never older than <see cref="LeaseLimits.MaxAgeSeconds"/>.</summary>
    public LeaseLedger Renew(LeaseEntry lease, int ttlSeconds, DateTimeOffset now)
    {
        var end = lease.GrantedAt.AddSeconds(LeaseLimits.MaxAgeSeconds);
        LeaseRefusedException.Unless(
            (end - now).TotalSeconds >= 1, LeaseRefusal.NotAuthorised, "the lease has reached its greatest age");
        var wanted = now.AddSeconds(ttlSeconds);
        return Replace(lease with { ExpiresAt = wanted < end ? wanted : end, Heard = true });
    }

    /// <summary>Its silo has it: it has named it.</summary>
    public LeaseLedger Hear(LeaseEntry lease) => lease.Heard ? this : Replace(lease with { Heard = true });

    public LeaseLedger End(LeaseEntry lease) =>
        this with { Leases = [.. Leases.Where(other => other.Id != lease.Id)] };

    public LeaseEntry Find(Guid id) => Leases.Single(lease => lease.Id == id);

    /// <summary>One more subtree of the part for the lease.</summary>
    public LeaseLedger Allocate(LeaseTarget target, int leavesLog2, Guid leaseId, bool forReseal = false)
    {
        var part = Find(target) ?? PartLedger.Empty(target.Class, target.Epoch, target.Generation);
        return Replace(part.Allocate(leavesLog2, leaseId, forReseal));
    }

    /// <summary>These leaves of subtrees for a re-seal hold mail now, as do those before them.</summary>
    public LeaseLedger Spend(LeaseTarget target, IEnumerable<uint> leaves)
    {
        if (Find(target) is not { } part) return this;
        foreach (var leaf in leaves)
        {
            if (part.Holding(leaf) is not { ForReseal: true, Closed: false } subtree) continue;
            part = part.Replace(subtree with { Used = Math.Max(subtree.Used, leaf - subtree.FirstLeaf + 1) });
        }
        return Replace(part);
    }

    /// <summary>Closes the part's subtrees for a re-seal; what lies above their used leaves is free to be erased.</summary>
    public LeaseLedger CloseReseal(LeaseTarget target, out LeafRange[] freed)
    {
        freed = [];
        if (Find(target) is not { } part) return this;
        var open = part.Subtrees.Where(subtree => subtree is { ForReseal: true, Closed: false }).ToArray();
        freed = [.. open.Where(subtree => subtree.Used < subtree.Leaves).Select(
            subtree => new LeafRange(subtree.FirstLeaf + subtree.Used, subtree.Leaves - subtree.Used))];
        return Replace(open.Aggregate(part, (all, subtree) => all.Replace(subtree with { Closed = true })));
    }

    /// <summary>No leaf of the part's tree is given any more.</summary>
    public LeaseLedger EndPart(LeaseTarget target)
    {
        var part = Find(target) ?? PartLedger.Empty(target.Class, target.Epoch, target.Generation);
        return part.Ended ? this : Replace(part with { Ended = true });
    }

    public PartLedger? Find(LeaseTarget target) =>
        Array.Find(Parts, part => part.Is(target.Class, target.Epoch, target.Generation));

    /// <summary>
    /// Refuses leaves that were never given to a writer and, for catch-up, leaves that an index already holds: so no
    /// silo can open more of the archive than it has to.
    /// </summary>
    public void CheckLeaves(LeaseTarget target, bool onlyUnindexed)
    {
        var part = Find(target) ?? throw new LeaseRefusedException(LeaseRefusal.NotFound, "no such part");
        foreach (var leaf in target.Leaves)
        {
            if (part.Holding(leaf) is not { } subtree)
                throw new LeaseRefusedException(LeaseRefusal.NotFound, $"leaf {leaf} was never given out");
            var open = !onlyUnindexed || leaf - subtree.FirstLeaf >= subtree.Indexed;
            LeaseRefusedException.Unless(
                open, LeaseRefusal.NotAuthorised, $"leaf {leaf} is indexed: catch-up does not need it");
        }
    }

    /// <summary>
    /// The ledger with what <paramref name="lease"/>'s holder says became of subtrees. Numbers only grow.
    /// </summary>
    public LeaseLedger Report(LeaseEntry lease, IReadOnlyList<IngestReport> reports)
    {
        var next = this;
        foreach (var report in reports.Where(report => !report.IsOfIndexOnly)) next = next.Report(lease, report);
        return next;
    }

    /// <summary>
    /// Closes those of the lease's own subtrees that were reported now: what lies above their used leaves is free to be
    /// erased. A subtree nobody reported stays as it is, since mail may lie anywhere in it.
    /// </summary>
    public LeaseLedger Close(LeaseEntry lease, IReadOnlyList<IngestReport> reports, out FreedLeaves[] freed)
    {
        var next = this;
        var list = new List<FreedLeaves>();
        foreach (var report in reports.Where(report => !report.IsOfIndexOnly))
        {
            var (part, subtree) = next.Reported(report);
            if (subtree.LeaseId != lease.Id || subtree.Closed) continue;
            next = next.Replace(part.Replace(subtree with { Closed = true }));
            if (subtree.Used < subtree.Leaves)
                list.Add(new(part, subtree.FirstLeaf + subtree.Used, subtree.Leaves - subtree.Used));
        }
        freed = [.. list];
        return next;
    }

    /// <summary>Leases that count beside a new one for this request.</summary>
    private LeaseEntry[] Kept(LeaseRequest request, string parts, DateTimeOffset now)
    {
        // Only a writer's lease has something to report after its end.
        var kept = Leases.Where(lease =>
            lease.ExpiresAt + (lease.Purpose == LeasePurpose.Ingest ? LateReleaseMax : TimeSpan.Zero) > now);
        var unheard = Leases.Where(lease => !lease.Heard && lease.IsOf(request)
            && lease.Purpose == request.Purpose && lease.Parts == parts);
        var lost = unheard.SkipLast(UnheardMax - 1).Select(lease => lease.Id).ToHashSet();
        return [.. kept.Where(lease => !lost.Contains(lease.Id))];
    }

    private LeaseLedger Report(LeaseEntry lease, IngestReport report)
    {
        var (part, subtree) = Reported(report);
        var writer = lease.Purpose == LeasePurpose.Ingest && (subtree.LeaseId == lease.Id || lease.Fence == Fence);
        LeaseRefusedException.Unless(
            writer || lease.Purpose == LeasePurpose.Maintain,
            LeaseRefusal.NotAuthorised, "a report of another's subtree");
        LeaseRefusedException.Unless(
            report.UsedLeaves <= subtree.Leaves && report.IndexedLeaves <= report.UsedLeaves,
            LeaseRefusal.Invalid, "a report beyond its subtree");
        LeaseRefusedException.Unless(
            !subtree.Closed || report.UsedLeaves <= subtree.Used,
            LeaseRefusal.Invalid, "a report beyond a closed subtree");
        return Replace(part.Replace(subtree with
        {
            Used = Math.Max(subtree.Used, report.UsedLeaves),
            Indexed = Math.Max(subtree.Indexed, report.IndexedLeaves),
        }));
    }

    private (PartLedger Part, SubtreeAllocation Subtree) Reported(IngestReport report)
    {
        var part = Array.Find(Parts, part => part.Is(report.Class, report.Epoch, report.Generation));
        var subtree = part is null ? null : Array.Find(part.Subtrees, other => other.FirstLeaf == report.FirstLeaf);
        if (subtree is null) throw new LeaseRefusedException(LeaseRefusal.NotFound, "a report of no subtree");
        return (part!, subtree);
    }

    /// <summary>
    /// Several leases of one incarnation are one writer: it has at most one activation of an archive.
    /// </summary>
    private bool IsWriter(LeaseRequest request) => Array.Exists(Leases, lease =>
        lease.Fence == Fence && lease.Silo == request.SiloId && lease.Incarnation == request.Incarnation);

    private LeaseLedger Replace(LeaseEntry lease) =>
        this with { Leases = [.. Leases.Select(other => other.Id == lease.Id ? lease : other)] };

    private LeaseLedger Replace(PartLedger part) => this with
    {
        Parts =
        [
            .. Parts.Where(other => !other.Is(part.Class, part.Epoch, part.Generation)), part,
        ],
    };
}
