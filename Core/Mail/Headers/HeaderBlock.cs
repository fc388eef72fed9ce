using System.Text;

namespace AMA.Mail.Headers;

/// <summary>One field: its name, and where its value stands in the bytes (folded, with its last line end).</summary>
internal readonly record struct HeaderField(string Name, int Start, int Length)
{
    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// The header fields of a message or a part (RFC 5322 §2.2), found within the limits and in one pass; nothing is
/// decoded here. Real mail leaves out the blank line, writes mbox lines on top and breaks fields: what cannot be a
/// field is passed over when a field follows it, otherwise the body begins there.
/// </summary>
internal sealed class HeaderBlock
{
    private readonly byte[] _bytes;
    private readonly List<HeaderField> _fields = [];
    private int _at;
    private readonly int _start;
    private readonly int _end;

    private HeaderBlock(byte[] bytes, int start, int end) => (_bytes, _start, _at, _end) = (bytes, start, start, end);

    public IReadOnlyList<HeaderField> Fields => _fields;

    /// <summary>Where the body begins.</summary>
    public int BodyStart => _at;

    public MailFlags Flags { get; private set; }

    /// <summary>The header of a message, which may have lines before it that are not its own.</summary>
    public static HeaderBlock OfMessage(byte[] bytes, int start, int end)
    {
        var block = new HeaderBlock(bytes, start, end);
        block.PassMailboxLine();
        return block.Read();
    }

    /// <summary>The header of a part; a blank line says that it has none.</summary>
    public static HeaderBlock OfPart(byte[] bytes, int start, int end) => new HeaderBlock(bytes, start, end).Read();

    private HeaderBlock Read()
    {
        while (_at < _end && !PassBlankLine() && TakeLine()) { }
        return this;
    }

    public HeaderField? First(string name)
    {
        foreach (var field in _fields)
            if (field.Is(name)) return field;
        return null;
    }

    /// <summary>A byte order mark, blank lines or an mbox "From " line before the first field.</summary>
    private void PassMailboxLine()
    {
        var at = _at;
        if (_bytes.AsSpan(at, _end - at).StartsWith("\ufeff"u8)) at += 3;
        while (at < _end && _bytes[at] is (byte)'\r' or (byte)'\n') at++;
        var rest = _bytes.AsSpan(at, _end - at);
        if (rest.StartsWith("From "u8) || rest.StartsWith(">From "u8)) at = LineEnd(at);
        if (at != _at && NameLength(at) > 0) _at = at;
    }

    private bool PassBlankLine()
    {
        if (_bytes[_at] == '\n') _at++;
        else if (_bytes[_at] == '\r' && _at + 1 < _end && _bytes[_at + 1] == '\n') _at += 2;
        else return false;
        return true;
    }

    /// <summary>A field, or a line passed over; false: the body begins here.</summary>
    private bool TakeLine()
    {
        var name = NameLength(_at);
        if (name == 0) return PassBrokenLine();
        var nameStart = _at;
        var valueStart = _bytes.AsSpan(nameStart, _end - nameStart).IndexOf((byte)':') + nameStart + 1;
        _at = PassContinuations(LineEnd(valueStart));
        Keep(Encoding.ASCII.GetString(_bytes, nameStart, name), valueStart, _at - valueStart);
        return true;
    }

    private void Keep(string name, int start, int length)
    {
        if (length > MailLimits.HeaderBytesMax)
        {
            Flags |= MailFlags.PartlyIndexed;
            length = MailLimits.HeaderBytesMax;
        }
        if (_fields.Count >= MailLimits.HeadersPerPartMax || start + length - _start > MailLimits.HeaderBlockBytesMax)
            Flags |= MailFlags.PartlyIndexed;
        else
            _fields.Add(new(name, start, length));
    }

    private bool PassBrokenLine()
    {
        if (IsBlankLine(_at))
        {
            _at = LineEnd(_at);
            return false;
        }
        Flags |= MailFlags.BrokenHeader;
        var next = PassContinuations(LineEnd(_at));
        if (next >= _end || NameLength(next) == 0) return false;
        _at = next;
        return true;
    }

    /// <summary>
    /// Lines that begin with a blank continue a field. One of nothing but blanks does so only when the header goes on
    /// behind it: real senders end header blocks with such a line, too.
    /// </summary>
    private int PassContinuations(int at)
    {
        while (at < _end && _bytes[at] is (byte)' ' or (byte)'\t')
        {
            var next = LineEnd(at);
            var goesOn = next < _end && (_bytes[next] is (byte)' ' or (byte)'\t' || NameLength(next) > 0);
            if (IsBlankLine(at) && !goesOn) break;
            at = next;
        }
        return at;
    }

    private int LineEnd(int at)
    {
        var feed = _bytes.AsSpan(at, _end - at).IndexOf((byte)'\n');
        return feed < 0 ? _end : at + feed + 1;
    }

    private bool IsBlankLine(int at)
    {
        while (at < _end && _bytes[at] is (byte)' ' or (byte)'\t' or (byte)'\r') at++;
        return at == _end || _bytes[at] == '\n';
    }

    /// <summary>
    /// Bytes of the field name at <paramref name="at"/>; 0 when no field begins there. A boundary line that holds a
    /// colon is no field.
    /// </summary>
    private int NameLength(int at)
    {
        var from = at;
        if (at >= _end || _bytes[at] == '-') return 0;
        var stop = Math.Min(_end, at + NameBytesMax);
        while (at < stop && _bytes[at] is > 32 and < 127 and not (byte)':') at++;
        var length = at - from;
        while (at < stop && _bytes[at] is (byte)' ' or (byte)'\t') at++;
        return at < stop && _bytes[at] == ':' ? length : 0;
    }

    private const int NameBytesMax = 256;
}
