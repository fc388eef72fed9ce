using AMA.Search.Documents;

namespace AMA.Search.Retrieval;

/// <summary>
/// Tags of records added since the last refresh, which no view shows yet: without them the same bytes, twice within
/// one batch, would become two records.
/// </summary>
internal sealed class RecentTags
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Tag, TaggedRecord> _records = [];

    public int Count
    {
        get
        {
            lock (_lock) return _records.Count;
        }
    }

    public void Add(ReadOnlySpan<byte> tag, TaggedRecord record)
    {
        lock (_lock) _records[Tag.Of(tag)] = record;
    }

    public void Clear()
    {
        lock (_lock) _records.Clear();
    }

    public TaggedRecord? Find(ReadOnlySpan<byte> tag)
    {
        lock (_lock) return _records.TryGetValue(Tag.Of(tag), out var record) ? record : null;
    }

    private readonly record struct Tag(UInt128 High, UInt128 Low)
    {
        public static Tag Of(ReadOnlySpan<byte> tag) => new(
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(tag),
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(tag[16..]));
    }
}
