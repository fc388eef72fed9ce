using System.Text;
using AMA.Archive.Ids;

namespace AMA.Search.Documents;

/// <summary>
/// What the index shows and opens without its words: a record's listing and its first delivery, or a further delivery,
/// as one stored value. Only ever read back by the index that wrote it, through its seals.
/// </summary>
internal static class StoredRecord
{
    private const byte Version = 2;

    /// <summary>Longer lists and lines are cut here; opening the message shows them whole.</summary>
    private const int ItemsMax = 256;
    private const int LineCharsMax = 2_000;
    private const int RecipientsMax = 1_000;

    public static byte[] Write(IndexEntry entry)
    {
        using var bytes = new MemoryStream();
        using var to = new BinaryWriter(bytes, Encoding.UTF8);
        to.Write(Version);
        Write(to, entry.First);
        Write(to, entry.Id);
        Line(to, entry.MessageId);
        Line(to, entry.Subject);
        Line(to, entry.From);
        Lines(to, entry.To, ItemsMax);
        to.Write(entry.Date.HasValue);
        if (entry.Date is { } date) Write(to, date);
        to.Write7BitEncodedInt64(entry.Size);
        Lines(to, entry.Attachments, ItemsMax);
        to.Write7BitEncodedInt64(entry.Flags);
        Line(to, entry.JournaledId);
        to.Flush();
        return bytes.ToArray();
    }

    public static byte[] Write(IndexedDelivery delivery)
    {
        using var bytes = new MemoryStream();
        using var to = new BinaryWriter(bytes, Encoding.UTF8);
        to.Write(Version);
        Write(to, delivery);
        to.Flush();
        return bytes.ToArray();
    }

    public static FoundMessage ReadMessage(byte[] bytes, int offset, int length)
    {
        using var from = Open(bytes, offset, length);
        var first = ReadDelivery(from);
        return new(
            ReadId(from), from.ReadString(), from.ReadString(), from.ReadString(), ReadLines(from),
            from.ReadBoolean() ? ReadTime(from) : null, from.Read7BitEncodedInt64(), ReadLines(from),
            (uint)from.Read7BitEncodedInt64(), first) { JournaledId = from.ReadString() };
    }

    public static IndexedDelivery ReadDelivery(byte[] bytes, int offset, int length)
    {
        using var from = Open(bytes, offset, length);
        return ReadDelivery(from);
    }

    private static BinaryReader Open(byte[] bytes, int offset, int length)
    {
        var from = new BinaryReader(new MemoryStream(bytes, offset, length), Encoding.UTF8);
        var version = from.ReadByte();
        return version == Version ? from : throw new InvalidDataException($"stored record of version {version}");
    }

    private static void Write(BinaryWriter to, IndexedDelivery delivery)
    {
        Span<byte> id = stackalloc byte[20];
        delivery.Id.Write(id);
        to.Write(id);
        to.Write(delivery.Place.Pack.ToByteArray(bigEndian: true));
        to.Write7BitEncodedInt(delivery.Place.Number);
        to.Write(delivery.Place.Leaf);
        to.Write(delivery.Place.TreeGeneration);
        Write(to, delivery.AcceptedAt);
        Line(to, delivery.Sender);
        Lines(to, delivery.Recipients, RecipientsMax);
    }

    private static IndexedDelivery ReadDelivery(BinaryReader from)
    {
        var id = DeliveryId.Read(from.ReadBytes(20));
        var pack = new Guid(from.ReadBytes(16), bigEndian: true);
        var place = new RecordPlace(pack, from.Read7BitEncodedInt(), from.ReadUInt32(), from.ReadUInt32());
        return new(id, place, ReadTime(from), from.ReadString(), ReadLines(from));
    }

    private static void Write(BinaryWriter to, RecordId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Write(bytes);
        to.Write(bytes);
    }

    private static RecordId ReadId(BinaryReader from) => RecordId.Read(from.ReadBytes(16));

    /// <summary>The clock's time and the offset it was written with.</summary>
    private static void Write(BinaryWriter to, DateTimeOffset time)
    {
        to.Write(time.Ticks);
        to.Write((short)time.Offset.TotalMinutes);
    }

    private static DateTimeOffset ReadTime(BinaryReader from) =>
        new(from.ReadInt64(), TimeSpan.FromMinutes(from.ReadInt16()));

    private static void Line(BinaryWriter to, string text) =>
        to.Write(text.Length <= LineCharsMax ? text : text[..LineCharsMax]);

    private static void Lines(BinaryWriter to, IReadOnlyList<string> lines, int max)
    {
        to.Write7BitEncodedInt(Math.Min(lines.Count, max));
        foreach (var line in lines.Take(max)) Line(to, line);
    }

    private static string[] ReadLines(BinaryReader from)
    {
        var lines = new string[from.Read7BitEncodedInt()];
        for (var i = 0; i < lines.Length; i++) lines[i] = from.ReadString();
        return lines;
    }
}
