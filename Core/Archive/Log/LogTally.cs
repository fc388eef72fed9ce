using System.Buffers.Binary;

namespace AMA.Archive.Log;

/// <summary>
/// What a batch's deliveries were that came from one source: docs/formats/AML1.md. It is committed with them or not at
/// all, so sums over a log count each delivery once.
/// </summary>
/// <param name="Source">The tenant's source; empty: its gateway named none.</param>
/// <param name="Archived">Deliveries that became records.</param>
/// <param name="Further">Deliveries of bytes that were a record already.</param>
/// <param name="MessageBytes">Of their messages, as received.</param>
/// <param name="LastAccepted">The newest time of acceptance among them; whole milliseconds.</param>
public sealed record LogTally(Guid Source, uint Archived, uint Further, ulong MessageBytes, DateTimeOffset LastAccepted)
{
    /// <summary>source 16 · archived u32 · further u32 · bytes u64 · last accepted u64.</summary>
    internal const int Bytes = 40;

    private const ulong TimeMax = 253_402_300_799_999;

    /// <summary>In the order of a batch, each source once.</summary>
    public static LogTally[] Of(
        IEnumerable<(Guid Source, bool Further, long Bytes, DateTimeOffset AcceptedAt)> deliveries) =>
        [.. deliveries.GroupBy(one => one.Source).Select(source => new LogTally(
            source.Key, (uint)source.Count(one => !one.Further), (uint)source.Count(one => one.Further),
            (ulong)source.Sum(one => one.Bytes), source.Max(one => one.AcceptedAt)))
            .OrderBy(tally => tally.Source.ToString("N"), StringComparer.Ordinal)];

    internal void Write(Span<byte> to)
    {
        Source.TryWriteBytes(to, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(to[16..], Archived);
        BinaryPrimitives.WriteUInt32BigEndian(to[20..], Further);
        BinaryPrimitives.WriteUInt64BigEndian(to[24..], MessageBytes);
        BinaryPrimitives.WriteInt64BigEndian(to[32..], LastAccepted.ToUnixTimeMilliseconds());
    }

    /// <summary>All tallies of a batch. Throws <see cref="LogException"/>: Format.</summary>
    internal static LogTally[] ReadAll(ReadOnlySpan<byte> bytes, int entries)
    {
        var tallies = new LogTally[bytes.Length / Bytes];
        var counted = 0ul;
        for (var i = 0; i < tallies.Length; i++)
        {
            var at = bytes.Slice(i * Bytes, Bytes);
            tallies[i] = Read(at);
            counted += (ulong)tallies[i].Archived + tallies[i].Further;
            var rising = i == 0 || bytes.Slice((i - 1) * Bytes, 16).SequenceCompareTo(at[..16]) < 0;
            LogException.Unless(rising, LogFault.Format, "tallies out of order");
        }
        LogException.Unless(counted <= (ulong)entries, LogFault.Format, "tallies of more than the batch holds");
        return tallies;
    }

    private static LogTally Read(ReadOnlySpan<byte> from)
    {
        var time = BinaryPrimitives.ReadUInt64BigEndian(from[32..]);
        var tally = new LogTally(
            new Guid(from[..16], bigEndian: true), BinaryPrimitives.ReadUInt32BigEndian(from[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(from[20..]), BinaryPrimitives.ReadUInt64BigEndian(from[24..]),
            DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Min(time, TimeMax)));
        LogException.Unless(tally.Archived > 0 || tally.Further > 0, LogFault.Format, "a tally of nothing");
        LogException.Unless(time <= TimeMax, LogFault.Format, "a time after the year 9999");
        LogException.Unless(tally.MessageBytes <= long.MaxValue, LogFault.Format, "more bytes than there can be");
        return tally;
    }
}
