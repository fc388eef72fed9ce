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
    /// <summary>Never throws for what is in <paramref name="raw"/>; bounded in time and memory by <see cref="MailLimits"/>.</summary>
    public static ParsedMail Parse(ReadOnlyMemory<byte> raw)
    {
        var bytes = Readable(raw);
        var flags = RawFlags.Of(raw.Span);
        var header = new ParsedMail { Flags = MailFlags.Unparsed };
        try
        {
            var block = HeaderBlock.Read(bytes, 0, bytes.Length);
            header = MessageFields.Read(bytes, block);
            return WithBodies(header, bytes, block, flags);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // The edge to libraries that read what strangers wrote: a fault of theirs must not stop the archive.
            return header with { Flags = header.Flags | flags | MailFlags.PartlyIndexed };
        }
    }

    private static ParsedMail WithBodies(ParsedMail header, byte[] bytes, HeaderBlock block, MailFlags flags)
    {
        var budget = new WalkBudget { Flags = header.Flags | flags };
        var gather = new TextGather();
        var walk = new PartWalk(bytes, budget, gather);
        walk.Body(PartHead.Read(bytes, block, budget, "text/plain"), block.BodyStart, bytes.Length, 0, hidden: false);
        if (gather.IsCut) budget.Flags |= MailFlags.PartlyIndexed;
        return header with
        {
            Text = gather.Text,
            HiddenText = gather.HiddenText,
            Attachments = gather.Attachments,
            Flags = budget.Flags,
        };
    }

    /// <summary>As an array from its start; a message whose lines end in bare CRs gets line feeds to be read by.</summary>
    private static byte[] Readable(ReadOnlyMemory<byte> raw)
    {
        if (RawFlags.EndsLinesWithReturns(raw.Span)) return RawFlags.WithLineFeeds(raw.Span);
        var whole = MemoryMarshal.TryGetArray(raw, out var segment)
            && segment.Offset == 0 && segment.Count == segment.Array!.Length;
        return whole ? segment.Array! : raw.ToArray();
    }
}
