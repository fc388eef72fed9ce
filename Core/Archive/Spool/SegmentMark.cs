using System.Globalization;
using System.Text;
using AMA.Archive.Ids;

namespace AMA.Archive.Spool;

/// <summary>Records of a segment that stand in one log batch of their tenant. Numbers rise.</summary>
public sealed record MarkedRecords(TenantId Tenant, ulong Batch, IReadOnlyList<uint> Numbers);

/// <param name="At">When the segment was put aside; UTC, whole seconds.</param>
/// <param name="Fault">Of <see cref="SegmentFault"/> or <see cref="EnvelopeFault"/>, its name.</param>
public sealed record QuarantineNote(DateTimeOffset At, string Fault);

/// <summary>
/// How a segment ended, for good: what stands in <c>done/{segment}</c> (docs/formats/AMQ1.md, "After archiving"). A
/// receipt is looked up through it long after the segment is gone.
/// </summary>
/// <param name="Archived">Empty for a segment that is in quarantine.</param>
/// <param name="Quarantine">Null for one that is archived.</param>
public sealed record SegmentMark(IReadOnlyList<MarkedRecords> Archived, QuarantineNote? Quarantine)
{
    private const string ArchivedLine = "archived";
    private const string QuarantinedLine = "quarantined";
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static SegmentMark OfArchived(IEnumerable<(uint Number, TenantId Tenant, ulong Batch)> records) => new(
        [.. records.GroupBy(record => (record.Tenant, record.Batch))
            .Select(some => new MarkedRecords(some.Key.Tenant, some.Key.Batch, [.. some.Select(r => r.Number).Order()]))
            .OrderBy(some => some.Tenant.ToString(), StringComparer.Ordinal).ThenBy(some => some.Batch)],
        null);

    public static SegmentMark OfQuarantined(DateTimeOffset at, string fault) => new([], new(at, fault));

    /// <summary>The log batch that holds a record; null when none of that tenant's does.</summary>
    public ulong? BatchOf(TenantId tenant, uint number)
    {
        foreach (var some in Archived)
            if (some.Tenant == tenant && some.Numbers.Contains(number)) return some.Batch;
        return null;
    }

    public bool Holds(uint number) => Archived.Any(some => some.Numbers.Contains(number));

    public byte[] Write()
    {
        if (Quarantine is { } note)
        {
            var at = note.At.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture);
            return Encoding.UTF8.GetBytes($"{QuarantinedLine}\n{at} {note.Fault}\n");
        }
        var text = new StringBuilder(ArchivedLine).Append('\n');
        foreach (var some in Archived)
            text.Append(CultureInfo.InvariantCulture, $"{some.Tenant} {some.Batch} {Ranges(some.Numbers)}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Null: not the text of a mark.</summary>
    public static SegmentMark? Read(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        if (lines.Length < 2 || lines[^1].Length > 0) return null;
        return lines[0] switch
        {
            ArchivedLine => ReadArchived(lines.AsSpan(1..^1)),
            QuarantinedLine when lines.Length == 3 => ReadQuarantined(lines[1]),
            _ => null,
        };
    }

    private static SegmentMark? ReadArchived(ReadOnlySpan<string> lines)
    {
        var archived = new List<MarkedRecords>();
        foreach (var line in lines)
        {
            if (line.Split(' ') is not [var tenant, var batch, var ranges]
                || !Guid.TryParseExact(tenant, "N", out var id) || !TryRead(batch, out var number)
                || ReadRanges(ranges) is not { } numbers) return null;
            archived.Add(new(new(id), number, numbers));
        }
        return new(archived, null);
    }

    private static SegmentMark? ReadQuarantined(string line) =>
        line.Split(' ') is [var time, { Length: > 0 } fault]
        && DateTimeOffset.TryParseExact(
            time, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? OfQuarantined(at, fault)
            : null;

    /// <summary>"0-57,60".</summary>
    private static string Ranges(IReadOnlyList<uint> numbers)
    {
        var text = new StringBuilder();
        for (var i = 0; i < numbers.Count;)
        {
            var from = i++;
            while (i < numbers.Count && numbers[i] == numbers[i - 1] + 1) i++;
            if (text.Length > 0) text.Append(',');
            text.Append(numbers[from]);
            if (i - from > 1) text.Append('-').Append(numbers[i - 1]);
        }
        return text.ToString();
    }

    private static List<uint>? ReadRanges(string text)
    {
        var numbers = new List<uint>();
        foreach (var range in text.Split(','))
        {
            var ends = range.Split('-');
            if (ends.Length > 2 || !TryRead(ends[0], out var from) || !TryRead(ends[^1], out var to)
                || to < from || to >= SegmentLimits.RecordsMax) return null;
            for (var number = from; number <= to; number++) numbers.Add((uint)number);
            if (numbers.Count > SegmentLimits.RecordsMax) return null;
        }
        return numbers;
    }

    private static bool TryRead(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
