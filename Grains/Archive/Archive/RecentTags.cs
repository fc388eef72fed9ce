using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Archive;

/// <summary>
/// Dedupe tags of batches committed lately, which the index may not hold yet. Bounded: the oldest are dropped, and by
/// then the index has them; if it hasn't, a repeated message becomes a record of its own, which loses nothing.
/// </summary>
public sealed class RecentTags
{
    public const int TagsMax = 100_000;

    private readonly Dictionary<string, TaggedView> _records = [];
    private readonly Queue<string> _order = [];

    public bool TryFind(byte[] tag, out TaggedView record) => _records.TryGetValue(Key(tag), out record);

    public void Add(byte[] tag, TaggedView record)
    {
        if (!_records.ContainsKey(Key(tag))) _order.Enqueue(Key(tag));
        _records[Key(tag)] = record; // the one before it was erased
        if (_order.Count > TagsMax) _records.Remove(_order.Dequeue());
    }

    private static string Key(byte[] tag) => Convert.ToHexString(tag);
}
