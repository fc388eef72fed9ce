namespace AMA.Mail.Parts;

/// <summary>What one message may still cost. Every refusal is flagged.</summary>
internal sealed class WalkBudget
{
    /// <summary>Bytes searched for boundaries: inner bodies are searched once for each multipart around them.</summary>
    private const long ScanBytesMax = 1L << 30;

    private int _parts;
    private long _scan;
    private long _nested;
    private long _fields;
    private long _html;

    public MailFlags Flags;

    public bool TakePart(int depth) => Take(depth < MailLimits.DepthMax && _parts++ < MailLimits.PartsMax);

    /// <summary>
    /// Before a search to the end of a body; <see cref="GiveScan"/> returns what it did not go through.
    /// </summary>
    public bool TakeScan(int bytes) => Take((_scan += bytes) <= ScanBytesMax);

    public void GiveScan(int bytes) => _scan -= bytes;

    /// <summary>Before a field of a part is decoded.</summary>
    public bool TakeField(int bytes) => Take(
        bytes <= MailLimits.PartFieldBytesMax && (_fields += bytes) <= MailLimits.PartFieldsBytesMax);

    public bool TakeHtml(int bytes) => Take((_html += bytes) <= MailLimits.HtmlBytesOfMessageMax);

    public int NestedBytesLeft => (int)Math.Max(0, MailLimits.NestedBytesMax - _nested);

    public void TakeNested(int bytes, bool cut)
    {
        _nested += bytes;
        Take(!cut);
    }

    private bool Take(bool granted)
    {
        if (!granted) Flags |= MailFlags.PartlyIndexed;
        return granted;
    }
}
