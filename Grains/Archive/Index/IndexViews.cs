using AMA.Archive.Retention;
using AMA.Grains.Interfaces.Archive;
using AMA.Search.Documents;

namespace AMA.Grains.Archive.Index;

/// <summary>What the index found, in the words of the grain contracts.</summary>
internal static class IndexViews
{
    public static MessageItem Item(FoundMessage found) => new(
        found.Id.Value, found.MessageId, found.Subject, found.From, [.. found.To], found.Date, found.ReceivedAt,
        found.Size, [.. found.Attachments]) { JournaledId = found.JournaledId };

    public static RecordPlaces Places(RetentionPart part, FoundRecord found) => new(
        Item(found.Message), part.Class, part.Epoch, Place(found.Message.First.Place),
        [.. found.Further.Select(d => Place(d.Place))], found.Message.Flags);

    private static SealedPlace Place(RecordPlace place) => new(place.Pack, place.Number, place.Leaf, place.TreeGeneration);
}
