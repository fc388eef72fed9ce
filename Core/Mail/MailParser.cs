using System.Runtime.InteropServices;
using AMA.Mail.Headers;
using AMA.Mail.Parts;

namespace AMA.Mail;

/// <summary>
/// Reads a message for the index and for the eye. Structure is found here, within <see cref="MailLimits"/>; MimeKit
/// only ever sees single fields and contents, because whole messages can be made that kill it (threats.md, §0).
/// </summary>
public static class MailParser
{
    /// <summary>
    /// Never throws for what is in <paramref name="raw"/>; bounded in time and memory by <see cref="MailLimits"/>.
    /// </summary>
    public static ParsedMail Parse(ReadOnlyMemory<byte> raw)
    {
        try
        {
            return Read(raw);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // The edge to libraries that read what strangers wrote: a fault of theirs must not stop the archive.
            return new() { Flags = MailFlags.Unparsed | MailFlags.PartlyIndexed | RawFlags.Of(raw.Span) };
        }
    }

    /// <summary>For tests, which must see a fault that <see cref="Parse"/> would make a flag of.</summary>
    internal static ParsedMail Read(ReadOnlyMemory<byte> raw)
    {
        var bytes = Readable(raw);
        var block = HeaderBlock.OfMessage(bytes.Array!, bytes.Offset, bytes.Offset + bytes.Count);
        var header = MessageFields.Read(bytes.Array!, block);
        return WithBodies(header, bytes, block, header.Flags | RawFlags.Of(raw.Span));
    }

    private static ParsedMail WithBodies(
        ParsedMail header, ArraySegment<byte> bytes, HeaderBlock block, MailFlags flags)
    {
        var budget = new WalkBudget { Flags = flags };
        var gather = new TextGather();
        var walk = new PartWalk(bytes.Array!, budget, gather);
        var head = PartHead.Read(bytes.Array!, block, budget, "text/plain");
        walk.Body(head, block.BodyStart, bytes.Offset + bytes.Count, 0, hidden: false);
        if (gather.IsCut) budget.Flags |= MailFlags.PartlyIndexed;
        return header with
        {
            Text = gather.Text,
            HiddenText = gather.HiddenText,
            Attachments = gather.Attachments,
            JournaledId = JournalReport.IsMarked(block) ? JournaledIn(gather) : "",
            Flags = budget.Flags,
        };
    }

    private static string JournaledIn(TextGather gather) =>
        gather.AttachedId is { Length: > 0 } id ? id : JournalReport.IdIn(gather.Text);

    /// <summary>MimeKit reads arrays; a message whose lines end in bare CRs gets line feeds to be read by.</summary>
    private static ArraySegment<byte> Readable(ReadOnlyMemory<byte> raw)
    {
        if (RawFlags.EndsLinesWithReturns(raw.Span)) return RawFlags.WithLineFeeds(raw.Span);
        return MemoryMarshal.TryGetArray(raw, out var segment) && segment.Array is not null ? segment : raw.ToArray();
    }
}
