using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Deliveries;

/// <param name="Outcome">"archived", "duplicate" or "waiting".</param>
/// <param name="Head">What the index shows; null: waiting, erased, or of a part whose keys are gone.</param>
public sealed record DayLine(
    DeliveryId Delivery, DateTimeOffset AcceptedAt, Guid Source, string Outcome, DateTimeOffset? ArchivedAt, Guid? Record,
    bool Erased, MessageItem? Head);

/// <summary>Writes a day's file: docs/formats/reconciliation.md.</summary>
public sealed class DayFileText : IDisposable
{
    private static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), SkipValidation = false };

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _deliveries;

    /// <summary>Bytes that wait to be taken.</summary>
    public int Waiting => _bytes.WrittenCount;

    public void Begin(TenantId tenant, DayBook book, DayTotals totals) => Line(json =>
    {
        json.WriteString("format", "ama-reconciliation");
        json.WriteNumber("version", 1);
        json.WriteString("tenant", tenant.ToString());
        json.WriteString("day", Day(totals.Day));
        json.WriteString("state", totals.IsFinal ? "final" : "provisional");
        json.WriteNumber("belowBatch", book.NextBatch);
        json.WriteStartObject("totals");
        json.WriteNumber("accepted", totals.Accepted);
        json.WriteNumber("archived", totals.Archived);
        json.WriteNumber("duplicates", totals.Duplicates);
        json.WriteNumber("quarantined", totals.Quarantined);
        json.WriteNumber("waiting", totals.Waiting);
        json.WriteEndObject();
        Sources(json, book, totals.Day);
    });

    public void Add(DayLine line)
    {
        _deliveries++;
        Line(json =>
        {
            json.WriteString("receipt", line.Delivery.ToString());
            json.WriteString("acceptedAt", line.AcceptedAt.UtcDateTime);
            Source(json, line.Source);
            json.WriteString("outcome", line.Outcome);
            if (line.ArchivedAt is { } archivedAt) json.WriteString("archivedAt", archivedAt.UtcDateTime);
            if (line.Record is { } record) json.WriteString("record", new RecordId(record).ToString());
            if (line.Erased) json.WriteBoolean("erased", true);
            if (line.Head is not { } head) return;
            json.WriteNumber("size", head.Size);
            if (head.MessageId.Length > 0) json.WriteString("messageId", head.MessageId);
            if (head.JournaledId.Length > 0) json.WriteString("journaledId", head.JournaledId);
        });
    }

    /// <param name="agrees">The lines are as many as the totals say.</param>
    public void End(bool agrees)
    {
        var sha256 = Convert.ToHexStringLower(_hash.GetCurrentHash());
        Line(json =>
        {
            json.WriteBoolean("end", true);
            json.WriteNumber("deliveries", _deliveries);
            json.WriteBoolean("agrees", agrees);
            json.WriteString("sha256", sha256);
        });
    }

    public byte[] Take()
    {
        var taken = _bytes.WrittenSpan.ToArray();
        _bytes.ResetWrittenCount();
        return taken;
    }

    public void Dispose() => _hash.Dispose();

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static void Sources(Utf8JsonWriter json, DayBook book, DateOnly day)
    {
        var logged = (book.Find(day)?.Sources ?? []).ToDictionary(source => source.Source);
        var waiting = book.WaitingOf(day).GroupBy(one => one.Source).ToDictionary(some => some.Key, some => some.LongCount());
        json.WriteStartArray("sources");
        foreach (var source in logged.Keys.Union(waiting.Keys).OrderBy(id => id.ToString("N"), StringComparer.Ordinal))
        {
            var (_, archived, duplicates) = logged.GetValueOrDefault(source);
            json.WriteStartObject();
            Source(json, source);
            json.WriteNumber("accepted", archived + duplicates + waiting.GetValueOrDefault(source));
            json.WriteNumber("archived", archived);
            json.WriteNumber("duplicates", duplicates);
            json.WriteNumber("waiting", waiting.GetValueOrDefault(source));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Left out when the gateway named none.</summary>
    private static void Source(Utf8JsonWriter json, Guid source)
    {
        if (source != Guid.Empty) json.WriteString("source", source.ToString("N"));
    }

    private void Line(Action<Utf8JsonWriter> members)
    {
        var from = _bytes.WrittenCount;
        using (var json = new Utf8JsonWriter(_bytes, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        _bytes.Write("\n"u8);
        _hash.AppendData(_bytes.WrittenSpan[from..]);
    }
}
