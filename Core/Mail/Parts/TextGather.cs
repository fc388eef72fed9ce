using System.Text;

namespace AMA.Mail.Parts;

/// <summary>Text and attachments of one message under way.</summary>
internal sealed class TextGather
{
    private readonly StringBuilder _shown = new();
    private readonly StringBuilder _hidden = new();
    private readonly List<MailAttachment> _attachments = [];

    public IReadOnlyList<MailAttachment> Attachments => _attachments;
    public string Text => _shown.ToString();
    public string HiddenText => _hidden.ToString();
    public int ShownChars => _shown.Length;

    /// <summary>Of the first message attached; null: none was.</summary>
    public string? AttachedId { get; set; }

    public bool IsCut { get; private set; }
    public bool IsFull => _shown.Length + _hidden.Length >= MailLimits.TextCharsMax;

    public void Attach(PartHead head, long size) => _attachments.Add(new(head.FileName, head.ContentType, size));

    /// <summary>Adds a body, with "\n" as line ends; a blank one is nothing.</summary>
    public void Add(string text, bool hidden)
    {
        var body = text.AsSpan().TrimEnd();
        if (body.IsWhiteSpace()) return;
        var room = MailLimits.TextCharsMax - _shown.Length - _hidden.Length;
        if (body.Length > room)
        {
            IsCut = true;
            body = body[..Math.Max(0, room)];
        }
        var target = hidden ? _hidden : _shown;
        if (target.Length > 0) target.Append('\n');
        AppendLines(target, body);
    }

    private static void AppendLines(StringBuilder target, ReadOnlySpan<char> body)
    {
        while (body.IndexOf('\r') is var at and >= 0)
        {
            target.Append(body[..at]).Append('\n');
            body = body[(at + (at + 1 < body.Length && body[at + 1] == '\n' ? 2 : 1))..];
        }
        target.Append(body);
    }
}
