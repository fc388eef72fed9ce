namespace AMA.Archive.Keys.Leases;

/// <summary>
/// Which leaves of one key tree Control has handed out to writers. Subtrees are given from leaf 0 upwards and never
/// twice: a subtree whose holder died is simply left behind.
/// </summary>
/// <param name="Generation">Of the key tree; 0 for the part's first.</param>
public sealed record PartLedger(ushort Class, uint Epoch, uint Generation, SubtreeAllocation[] Subtrees)
{
    /// <summary>
    /// Leaves of one part between two restores of Control: each restore goes on this much higher, so that a leaf given
    /// out after the backup was taken is not given out again.
    /// </summary>
    public const ulong RestoreLeaves = 1UL << 28;

    /// <summary>No leaf below is given out (any more).</summary>
    public ulong Floor { get; init; }

    public PartLedger Restored(uint generation) => this with { Floor = generation * RestoreLeaves };

    /// <summary>No leaf is given from it any more: destroyed, kept in part, or sealed anew under the next tree.</summary>
    public bool Ended { get; init; }

    public static PartLedger Empty(ushort retentionClass, uint epoch, uint generation) =>
        new(retentionClass, epoch, generation, []);

    public bool Is(ushort retentionClass, uint epoch, uint generation) =>
        Class == retentionClass && Epoch == epoch && Generation == generation;

    /// <summary>The ledger with one more subtree, which begins after everything ever allocated.</summary>
    public PartLedger Allocate(int leavesLog2, Guid leaseId, bool forReseal = false)
    {
        LeaseRefusedException.Unless(!Ended, LeaseRefusal.NotAuthorised, "the part has ended");
        var size = 1UL << leavesLog2;
        var end = Math.Max(Floor, Subtrees.Length == 0 ? 0 : Subtrees[^1].End);
        var first = (end + size - 1) / size * size; // aligned, even after the size setting was changed
        LeaseRefusedException.Unless(
            first + size <= Math.Min(1UL << KeyTree.Levels, Floor + RestoreLeaves), LeaseRefusal.Unavailable,
            "the part's key tree is used up");
        return this with { Subtrees = [.. Subtrees, new((uint)first, leavesLog2, leaseId, 0, 0, Closed: false) { ForReseal = forReseal }] };
    }

    /// <summary>
    /// How large the next subtree should be, as a power of two, by what became of the last one. An archive that sleeps
    /// and wakes all day, or whose answers get lost, takes a new one each time: of the largest a part has 4,096 only.
    /// No leaf is ever given a second time instead: who had its key may have used it.
    /// </summary>
    /// <param name="leavesLog2Max">Of a busy writer.</param>
    public int NextLeavesLog2(int leavesLog2Max)
    {
        if (Subtrees.Length == 0) return leavesLog2Max;
        var (last, step) = (Subtrees[^1], 0);
        if (last.Used > last.Leaves / 2) step = LeavesLog2Step;
        else if (last.Used < last.Leaves / 8) step = -LeavesLog2Step;
        var least = Math.Min(LeaseLimits.SubtreeLeavesLog2Min, leavesLog2Max);
        return Math.Clamp(last.LeavesLog2 + step, least, leavesLog2Max);
    }

    private const int LeavesLog2Step = 2;

    public SubtreeAllocation? Holding(uint leaf)
    {
        foreach (var subtree in Subtrees)
            if (leaf >= subtree.FirstLeaf && leaf < subtree.End) return subtree;
        return null;
    }

    public PartLedger Replace(SubtreeAllocation subtree) => this with
    {
        Subtrees = [.. Subtrees.Select(old => old.FirstLeaf == subtree.FirstLeaf ? subtree : old)],
    };
}

/// <param name="LeaseId">To whom it was given.</param>
/// <param name="Used">Leaves from the first one on that its holder, or a later writer, said are spent.</param>
/// <param name="Indexed">Leaves from the first one on that nobody needs for an index any more.</param>
/// <param name="Closed">Given back; the leaves above <paramref name="Used"/> are erased.</param>
public sealed record SubtreeAllocation(
    uint FirstLeaf, int LeavesLog2, Guid LeaseId, uint Used, uint Indexed, bool Closed)
{
    /// <summary>
    /// Given for one batch of a re-seal: what it holds mail under is known by the leaves that were moved there.
    /// </summary>
    public bool ForReseal { get; init; }

    public ulong End => FirstLeaf + (1UL << LeavesLog2);

    public uint Leaves => 1u << LeavesLog2;
}
