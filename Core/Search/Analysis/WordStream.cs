using Lucene.Net.Analysis;
using Lucene.Net.Analysis.TokenAttributes;

namespace AMA.Search.Analysis;

/// <summary>
/// The words of one field of one document, then its exact terms. Used again for every document, by one thread.
/// </summary>
internal sealed class WordStream : TokenStream
{
    /// <summary>Between two values of a field, so that no phrase reaches from one into the next.</summary>
    private const int Gap = 100;

    private readonly RawTerm _term = new();
    private readonly IPositionIncrementAttribute _step;
    private readonly WordScanner _scanner = new();
    private readonly List<string> _texts = [];
    private readonly List<string> _exact = [];
    private int _text;
    private int _exactAt;
    private int _pause;
    private string? _variant;

    public WordStream()
    {
        AddAttributeImpl(_term);
        _step = AddAttribute<IPositionIncrementAttribute>();
    }

    public bool IsEmpty => _texts.Count == 0 && _exact.Count == 0;

    public void Begin()
    {
        _texts.Clear();
        _exact.Clear();
    }

    public void Add(string text)
    {
        if (text.Length > 0) _texts.Add(text);
    }

    public void AddExact(IEnumerable<string> terms) => _exact.AddRange(terms);

    public override void Reset()
    {
        (_text, _exactAt, _pause, _variant) = (0, 0, 1, null);
        _scanner.Reset(_texts.Count > 0 ? _texts[0] : "");
    }

    public override bool IncrementToken()
    {
        if (_variant is { } variant)
        {
            _variant = null;
            return Emit(variant, 0);
        }
        while (!_scanner.Next())
        {
            if (++_text >= _texts.Count) return NextExact();
            _scanner.Reset(_texts[_text]);
            _pause += Gap;
        }
        _variant = _scanner.Variant;
        return Emit(_scanner.Word, _pause);
    }

    private bool NextExact()
    {
        _text = _texts.Count;
        if (_exactAt >= _exact.Count) return false;
        return Emit(_exact[_exactAt++], _exactAt == 1 ? _pause : 0);
    }

    private bool Emit(ReadOnlySpan<char> word, int step)
    {
        _term.Set(word);
        _step.PositionIncrement = step;
        _pause = 1;
        return true;
    }
}

/// <summary>Terms that are looked up as they are: ids, tags, addresses. Used again for every document.</summary>
internal sealed class ExactStream : TokenStream
{
    private readonly RawTerm _term = new();
    private readonly IPositionIncrementAttribute _step;
    private readonly List<byte[]> _values = [];
    private int _at;

    public ExactStream()
    {
        AddAttributeImpl(_term);
        _step = AddAttribute<IPositionIncrementAttribute>();
    }

    public bool IsEmpty => _values.Count == 0;

    public void Begin() => _values.Clear();

    public void Add(byte[] value)
    {
        if (value.Length is > 0 and <= RawTerm.BytesMax) _values.Add(value);
    }

    public override void Reset() => _at = 0;

    public override bool IncrementToken()
    {
        if (_at == _values.Count) return false;
        _term.Set(_values[_at++]);
        _step.PositionIncrement = 1; // Lucene leaves 0 behind at the end of a stream.
        return true;
    }
}
