using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Shredding;

/// <summary>An order to erase records, and how far it is. A value.</summary>
/// <param name="KeysErasedAt">The last time keys were erased for it.</param>
/// <param name="UnreadableAt">Keys erased, and found by no search.</param>
/// <param name="LastKeyEndedAt">
/// When it was first seen that no index key and no queue key is left that opens a copy; from then on only Control's own
/// copies of such keys are left, and those die with the erasure keys of that week.
/// </param>
/// <param name="Parts">Whose leaves were erased for it; without leaves.</param>
public sealed record ErasureOrder(
    Guid Id, Guid[] Records, string OpenedBy, DateTimeOffset OpenedAt, string? ApprovedBy, DateTimeOffset? KeysErasedAt,
    DateTimeOffset? UnreadableAt, DateTimeOffset? LastKeyEndedAt, LeaseTarget[] Parts, string? Refusal)
{
    /// <summary>Records in one order.</summary>
    public const int RecordsMax = 1_000;

    /// <summary>Orders of one tenant that are not done.</summary>
    public const int OpenMax = 64;

    public OrderKind Kind { get; init; }

    /// <summary>The part that ends.</summary>
    public ushort Class { get; init; }
    public uint Epoch { get; init; }

    public bool IsOpen => UnreadableAt is null && Refusal is null;

    /// <summary>To keep something needs one person, to lose it two.</summary>
    public bool IsWaiting => IsOpen && (ApprovedBy is not null || Kind == OrderKind.Hold);

    /// <summary>Something is erased, so there is a day on which it is final.</summary>
    public bool Erases => Kind is OrderKind.Erase or OrderKind.EndPart;

    public void Check(DateTimeOffset now)
    {
        if (!Enum.IsDefined(Kind)) throw new LeaseRefusedException(LeaseRefusal.Invalid, "an order this version does not know");
        if (Kind == OrderKind.EndPart) CheckPart(now);
        else if (Records.Length is 0 or > RecordsMax || Records.Distinct().Count() != Records.Length)
            throw new LeaseRefusedException(LeaseRefusal.Invalid, $"an order lists 1 to {RecordsMax} records, each once");
    }

    /// <summary>Mail of a month that isn't over still comes in.</summary>
    private void CheckPart(DateTimeOffset now)
    {
        if (Records.Length > 0 || Class != RetentionPart.DefaultClass)
            throw new LeaseRefusedException(LeaseRefusal.Invalid, "the end of a part names a known class and no records");
        if (Epoch >= RetentionPart.EpochOf(now, RetentionPart.DefaultMonths))
            throw new LeaseRefusedException(LeaseRefusal.Invalid, "mail still comes in for this part: its month is not over");
    }

    /// <summary>Nobody erases alone.</summary>
    public ErasureOrder Approve(string user)
    {
        if (Kind == OrderKind.Hold) throw new LeaseRefusedException(LeaseRefusal.Invalid, "a hold needs no approval");
        if (!IsOpen) throw new LeaseRefusedException(LeaseRefusal.Invalid, "the order is done");
        if (user == OpenedBy)
            throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, "whoever opened an order doesn't approve it");
        return this with { ApprovedBy = ApprovedBy ?? user };
    }

    public ErasureOrder Erased(IEnumerable<LeaseTarget> targets, DateTimeOffset now) => this with
    {
        KeysErasedAt = now,
        Parts =
        [
            .. Parts.Concat(targets.Select(target => target with { Leaves = [] }))
                .DistinctBy(part => (part.Class, part.Epoch, part.Generation)),
        ],
    };

    /// <summary>An order of whose records none was there has done nothing.</summary>
    public ErasureOrder Finished(DateTimeOffset now) => !IsOpen ? this : KeysErasedAt is null
        ? this with { Refusal = Kind == OrderKind.LetGo ? "none of the records is held" : "none of the records is in the archive" }
        : this with { UnreadableAt = now };
}

/// <summary>A tenant's orders, newest first.</summary>
public sealed record ErasureOrdersState
{
    /// <summary>Orders that are done, remembered for the tenant to see.</summary>
    public const int DoneMax = 1_024;

    public ErasureOrder[] Orders { get; init; } = [];

    public ErasureOrdersState With(ErasureOrder order)
    {
        if (Orders.Any(other => other.Id == order.Id))
            return new() { Orders = [.. Orders.Select(other => other.Id == order.Id ? order : other)] };
        var done = Orders.Where(other => !other.IsOpen).Take(DoneMax).ToHashSet();
        return new() { Orders = [order, .. Orders.Where(other => other.IsOpen || done.Contains(other))] };
    }
}
