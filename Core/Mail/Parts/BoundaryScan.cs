using System.Text;

namespace AMA.Mail.Parts;

/// <summary>
/// The parts of a multipart body (RFC 2046 §5.1.1), found one after another by a search for the delimiter line. An
/// outer boundary cuts inner parts off, because inner bodies are searched only within their own bytes.
/// </summary>
internal struct BoundaryScan
{
    private readonly byte[] _bytes;
    private readonly byte[] _dash;
    private readonly int _from;
    private readonly int _end;
    private int _next;

    public BoundaryScan(byte[] bytes, int start, int end, string boundary)
    {
        (_bytes, _from, _end) = (bytes, start, end);
        _dash = Encoding.UTF8.GetBytes("--" + boundary);
        Found = DelimiterAt(start, out _next, out var last) >= 0;
        Closed = last;
    }

    /// <summary>Whether there is a delimiter at all.</summary>
    public bool Found { get; }

    /// <summary>Whether the closing delimiter has been met.</summary>
    public bool Closed { get; private set; }

    /// <summary>The next part; false when there is none.</summary>
    public bool Next(out int start, out int end)
    {
        start = _next;
        end = _end;
        if (!Found || Closed || _next > _end) return false;
        var line = DelimiterAt(start, out _next, out var last);
        Closed = last;
        if (line < 0) _next = _end + 1;
        else end = BeforeLineEnd(start, line);
        return line >= 0 || end > start;
    }

    /// <summary>Where the next delimiter line begins, and where the line behind it does; -1: there is none.</summary>
    private readonly int DelimiterAt(int at, out int behind, out bool last)
    {
        (behind, last) = (_end, false);
        while (at < _end)
        {
            var hit = _bytes.AsSpan(at, _end - at).IndexOf(_dash);
            if (hit < 0) return -1;
            var line = at + hit;
            at = line + _dash.Length;
            if ((line == _from || _bytes[line - 1] == '\n') && EndsDelimiter(at, out behind, out last)) return line;
        }
        return -1;
    }

    /// <summary>Behind the boundary: "--" when it is the last, blanks, and the line's end.</summary>
    private readonly bool EndsDelimiter(int at, out int behind, out bool last)
    {
        last = at + 1 < _end && _bytes[at] == '-' && _bytes[at + 1] == '-';
        if (last) at += 2;
        while (at < _end && _bytes[at] is (byte)' ' or (byte)'\t' or (byte)'\r') at++;
        behind = at < _end ? at + 1 : _end;
        return at == _end || _bytes[at] == '\n';
    }

    /// <summary>The line end before a delimiter belongs to the delimiter.</summary>
    private readonly int BeforeLineEnd(int start, int line)
    {
        if (line > start && _bytes[line - 1] == '\n') line--;
        if (line > start && _bytes[line - 1] == '\r') line--;
        return line;
    }
}
