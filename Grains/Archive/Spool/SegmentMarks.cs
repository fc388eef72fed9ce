using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Archive.Archive;

namespace AMA.Grains.Archive.Spool;

/// <summary>
/// How a segment ends, for good: first the mark in the primary store, then the deletion in every spool store. A crash
/// between the two is repaired by doing the rest again; a copy that turns up later is known by its mark.
/// </summary>
public sealed class SegmentMarks(SpoolStores spool, StorePair stores)
{
    /// <summary>The spool stores, each with every segment that isn't done.</summary>
    public IReadOnlyList<IBlobStore> Spool => spool.All;

    /// <summary>Whose the records are of segments that ended in quarantine.</summary>
    public QuarantineOwners Owners { get; } = new(stores.Primary);

    public async ValueTask<bool> IsDoneAsync(SegmentId id) =>
        await stores.Primary.StatAsync(SegmentNames.DoneOf(id), default) is not null;

    /// <summary>How a segment ended; null: it hasn't.</summary>
    public async ValueTask<SegmentMark?> ReadAsync(SegmentId id) =>
        await stores.Primary.GetAsync(SegmentNames.DoneOf(id), default) is { } mark
            ? SegmentMark.Read(mark.Content.Span) ?? throw new InvalidDataException($"the mark of segment {id} is damaged")
            : null;

    public async ValueTask EndAsync(SegmentId id, SegmentMark mark)
    {
        await stores.Primary.PutIfAbsentAsync(SegmentNames.DoneOf(id), mark.Write(), default);
        await DeleteAsync(id);
    }

    public async ValueTask DeleteAsync(SegmentId id)
    {
        foreach (var store in spool.All)
            await store.DeleteAsync(SegmentNames.Of(id), default);
    }
}
