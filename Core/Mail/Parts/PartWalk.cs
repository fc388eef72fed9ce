using AMA.Mail.Content;
using AMA.Mail.Headers;

namespace AMA.Mail.Parts;

/// <summary>
/// Goes through the parts of one message, attached messages included, and gathers text and attachments. Its depth is
/// limited, so it recurses; what it may read altogether is limited by <see cref="WalkBudget"/>.
/// </summary>
internal sealed class PartWalk(byte[] bytes, WalkBudget budget, TextGather gather)
{
    /// <param name="standard">The content type of a part that names none.</param>
    /// <param name="hidden">The twin of a body that is already shown.</param>
    public void Part(int start, int end, int depth, string standard, bool hidden)
    {
        if (!budget.TakePart(depth)) return;
        var block = HeaderBlock.OfPart(bytes, start, end);
        budget.Flags |= block.Flags & MailFlags.PartlyIndexed;
        Body(PartHead.Read(bytes, block, budget, standard), block.BodyStart, end, depth, hidden);
    }

    /// <summary>The body of the message or of a part whose fields are read.</summary>
    public void Body(PartHead head, int start, int end, int depth, bool hidden)
    {
        if (head.IsEncrypted) budget.Flags |= MailFlags.Encrypted;
        if (head.IsMultipart) Multipart(head, start, end, depth, hidden);
        else if (head.IsMessage) Message(head, start, end, depth, hidden);
        else Leaf(head, start, end, hidden);
    }

    private void Multipart(PartHead head, int start, int end, int depth, bool hidden)
    {
        var broken = string.IsNullOrWhiteSpace(head.Boundary);
        var scan = broken ? default : new BoundaryScan(bytes, start, end, head.Boundary!);
        if (broken || !scan.Found)
        {
            // Nothing to split: what is there is read as text rather than left out.
            budget.Flags |= MailFlags.BrokenMime;
            Leaf(new PartHead { ContentType = "text/plain", Encoding = head.Encoding }, start, end, hidden);
            return;
        }
        var alternative = head.ContentType == "multipart/alternative";
        var standard = head.ContentType == "multipart/digest" ? "message/rfc822" : "text/plain";
        while (budget.TakeScan(end - start) && scan.Next(out var from, out var to))
        {
            var shown = gather.ShownChars;
            Part(from, to, depth + 1, standard, hidden);
            budget.GiveScan(end - to);
            hidden |= alternative && gather.ShownChars > shown;
        }
        if (!scan.Closed) budget.Flags |= MailFlags.BrokenMime;
    }

    private void Message(PartHead head, int start, int end, int depth, bool hidden)
    {
        gather.Attach(head, end - start);
        if (TransferDecoding.For(head.Encoding) is null)
        {
            Attached(bytes, start, end, depth, hidden);
            return;
        }
        var decoded = TransferDecoding.Decode(
            bytes, start, end - start, head.Encoding, budget.NestedBytesLeft, out var cut).ToArray();
        budget.TakeNested(decoded.Length, cut);
        Attached(decoded, 0, decoded.Length, depth, hidden);
    }

    private void Attached(byte[] message, int start, int end, int depth, bool hidden)
    {
        if (!budget.TakePart(depth)) return;
        var block = HeaderBlock.OfMessage(message, start, end);
        budget.Flags |= block.Flags & MailFlags.PartlyIndexed;
        gather.AttachedId ??= MessageFields.MessageIdOf(message, block);
        foreach (var name in ShownFields)
            if (block.First(name) is { } field && budget.TakeField(field.Length))
                gather.Add($"{name}: {FieldText.Decode(message, field)}", hidden);
        var head = PartHead.Read(message, block, budget, "text/plain");
        var walk = message == bytes ? this : new PartWalk(message, budget, gather);
        walk.Body(head, block.BodyStart, end, depth + 1, hidden);
    }

    /// <summary>Of an attached message: enough to know it again, and to find it by.</summary>
    private static readonly string[] ShownFields = ["From", "To", "Cc", "Date", "Subject"];

    private void Leaf(PartHead head, int start, int end, bool hidden)
    {
        var isText = head.IsText || head.IsHtml;
        if (!isText || head.SaysAttachment || head.FileName.Length > 0)
            gather.Attach(head, TransferDecoding.Measure(bytes, start, end - start, head.Encoding));
        if (!isText || gather.IsFull) return;
        hidden |= head.SaysAttachment;
        var limit = head.IsHtml ? MailLimits.HtmlBytesMax : MailLimits.TextCharsMax;
        var content = TransferDecoding.Decode(bytes, start, end - start, head.Encoding, limit, out var cut);
        if (cut) budget.Flags |= MailFlags.PartlyIndexed;
        if (head.IsHtml && !budget.TakeHtml(content.Length)) return;
        var charset = head.Charset ?? HtmlText.CharsetOf(head, content.Span);
        var text = Charsets.Decode(content.Span, charset, ref budget.Flags);
        gather.Add(head.IsHtml ? HtmlText.Of(text, ref budget.Flags) : text, hidden);
    }
}
