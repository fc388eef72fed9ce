using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Archive.Spool;
using AMA.Grains.Archive.Threads;
using AMA.Grains.Interfaces.Archive;
using AMA.Mail;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Ingest;

/// <summary>Opens spool records and reads what is in them, on the silo's own threads.</summary>
public sealed class IngestReader(SegmentShelf shelf, SiloThreads threads, ILogger<IngestReader> log)
{
    /// <summary>Throws <see cref="ArchiveException"/>: Locked without the queue's key, Unavailable when a segment is away.</summary>
    public async Task<IngestItem[]> ReadAsync(RecordRef[] records)
    {
        var segments = new Dictionary<Guid, OpenSegment>();
        foreach (var id in records.Select(r => r.Segment).Distinct())
            segments[id] = await shelf.GetAsync(new SegmentId(id));
        var items = new IngestItem[records.Length];
        await threads.Ingest.ForEachAsync(records.Length, threads.IngestCount, i =>
        {
            if (segments[records[i].Segment] is { InMemory: true } segment)
                items[i] = Read(segment.Open(records[i].RecNo), records[i]);
        });
        for (var i = 0; i < items.Length; i++)
            items[i] ??= await ReadLargeAsync(segments[records[i].Segment], records[i]);
        return items;
    }

    private async Task<IngestItem> ReadLargeAsync(OpenSegment segment, RecordRef reference)
    {
        var plain = await segment.OpenAsync(reference.RecNo, default);
        return await threads.Ingest.RunAsync(() => Read(plain, reference));
    }

    private IngestItem Read(ReadOnlyMemory<byte> plain, RecordRef reference)
    {
        var envelope = EnvelopeCodec.Decode(plain.Span, out var read);
        var raw = plain[read..];
        return new(reference, envelope, raw, SHA256.HashData(raw.Span), Parse(raw, reference));
    }

    /// <summary>
    /// The parser promises never to throw. Should it break its word, the message is archived all the same: content
    /// must not hold up the queue.
    /// </summary>
    private ParsedMail Parse(ReadOnlyMemory<byte> raw, RecordRef reference)
    {
        try
        {
            return MailParser.Parse(raw);
        }
        catch (Exception e)
        {
            IngestLog.ParserFailed(log, reference.Segment, reference.RecNo, e.GetType().Name);
            return new() { Flags = MailFlags.Unparsed };
        }
    }
}
