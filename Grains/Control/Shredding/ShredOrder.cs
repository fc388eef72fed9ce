using AMA.Archive.Keys.Leases;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.Shredding;

/// <summary>What an order does to keys.</summary>
public enum ShredAct
{
    /// <summary>The leaves listed are erased.</summary>
    Puncture,
    /// <summary>The part's keys are forgotten, but for held leaves.</summary>
    EndPart,
    Hold,
    LetGo,
    /// <summary>A fresh tree for the part; the old one opens what is there until the end.</summary>
    BeginReseal,
    /// <summary>The old tree is forgotten, once none of its leaves is left that holds mail.</summary>
    EndReseal,
    /// <summary>
    /// During a re-seal: what the leaves listed held is sealed and committed under the new ones, so the old ones are
    /// erased. Holds move along.
    /// </summary>
    MoveLeaves,
    /// <summary>
    /// During a re-seal: ranges of the old tree are erased that writers were given and the tenant's log has no mail under.
    /// </summary>
    GiveUp,
}

/// <summary>
/// An order to erase, as an approved path gives it. The tenant's log says so first: the order names the batch in which
/// the intent stands, and Control takes none without (crypto.md §9).
/// </summary>
/// <param name="Id">A second order of the same id is the same order.</param>
/// <param name="Part">The part, and the leaves for puncture, hold, let go and move.</param>
/// <param name="IntentBatch">Number of the batch in the tenant's log, from 1.</param>
/// <param name="IntentHash">SHA-256 of that batch, 32 bytes.</param>
/// <param name="By">Who ordered it, for the audit log.</param>
/// <param name="NewLeaves">For move: in the next tree, one for each leaf of the part, in their order.</param>
/// <param name="Ranges">For giving up.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.shred-order")]
public sealed record ShredOrder(
    [property: Id(0)] Guid Id, [property: Id(1)] ShredAct Act, [property: Id(2)] ExportPart Part,
    [property: Id(3)] ulong IntentBatch, [property: Id(4)] byte[] IntentHash, [property: Id(5)] string By,
    [property: Id(6)] uint[]? NewLeaves = null, [property: Id(7)] ResealLeft[]? Ranges = null)
{
    public const int LeavesMax = 100_000;

    private const int HashBytes = 32;

    /// <summary>A step of a job, not somebody's decision.</summary>
    public bool IsOfReseal =>
        Act is ShredAct.BeginReseal or ShredAct.EndReseal or ShredAct.MoveLeaves or ShredAct.GiveUp;

    /// <summary>Throws <see cref="LeaseRefusedException"/> (Invalid).</summary>
    public void Check()
    {
        var leaves = Part.Leaves?.Length ?? 0;
        var listed = Act is ShredAct.Puncture or ShredAct.Hold or ShredAct.LetGo or ShredAct.MoveLeaves;
        Unless(Enum.IsDefined(Act), "an act this version does not know");
        Unless(listed ? leaves is > 0 and <= LeavesMax : leaves == 0, "leaves missing, too many, or for nothing");
        Unless(
            Act == ShredAct.GiveUp ? Ranges is { Length: > 0 and <= LeaseLimits.RangesMax } : Ranges is null,
            "ranges missing, too many, or for nothing");
        Unless(
            NewLeaves is null ? Act != ShredAct.MoveLeaves : Act == ShredAct.MoveLeaves
                && NewLeaves.Length == leaves && NewLeaves.Distinct().Count() == leaves
                && Part.Leaves!.Distinct().Count() == leaves,
            "new leaves missing, doubled, or for nothing");
        Unless(
            IntentBatch > 0 && IntentHash is { Length: HashBytes } && IntentHash.Any(value => value != 0),
            "the intent must stand in the tenant's log first: its batch is not named");
    }

    private static void Unless(bool holds, string why)
    {
        if (!holds) throw new LeaseRefusedException(LeaseRefusal.Invalid, why);
    }
}

/// <summary>An order and how far it is.</summary>
/// <param name="KeysErasedAt">"Unreadable in service": from this moment Control can't give these keys. Null: not yet.</param>
/// <param name="Refusal">Why it was not carried out; null: it was, or will be.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.shred-entry")]
public sealed record ShredEntry(
    [property: Id(0)] ShredOrder Order, [property: Id(1)] DateTimeOffset OrderedAt,
    [property: Id(2)] DateTimeOffset? KeysErasedAt, [property: Id(3)] string? Refusal)
{
    public bool IsOpen => KeysErasedAt is null && Refusal is null;
}

/// <summary>A tenant's orders, newest first. Of those that are done the newest are remembered.</summary>
public sealed record ShreddingState
{
    /// <summary>Orders that are done, remembered so that one that comes again is known.</summary>
    public const int DoneMax = 1024;

    /// <summary>Orders that wait: a fault of the stores, for they are carried out one by one at once.</summary>
    public const int OpenMax = 256;

    public ShredEntry[] Orders { get; init; } = [];

    public ShreddingState With(ShredEntry entry)
    {
        ShredEntry[] others = [.. Orders.Where(other => other.Order.Id != entry.Order.Id)];
        var done = others.Where(other => !other.IsOpen).Take(DoneMax);
        return new() { Orders = [entry, .. others.Where(other => other.IsOpen), .. done] };
    }
}
