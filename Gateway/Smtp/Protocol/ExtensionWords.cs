using System.Text;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>" KEYWORD=value KEYWORD …" behind a path (RFC 5321 §4.1.2), a word at a time.</summary>
internal ref struct ExtensionWords(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    public ReadOnlySpan<byte> Keyword { get; private set; } = [];

    public bool HasValue { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; } = [];

    /// <summary>False: no more. <paramref name="broken"/>: what follows is not set off by a space.</summary>
    public bool MoveNext(out bool broken)
    {
        broken = !_rest.IsEmpty && _rest[0] != ' ';
        if (_rest.IsEmpty || broken) return false;
        _rest = _rest.TrimStart((byte)' ');
        var end = _rest.IndexOf((byte)' ') is var space && space < 0 ? _rest.Length : space;
        var word = _rest[..end];
        _rest = _rest[end..];
        var equals = word.IndexOf((byte)'=');
        HasValue = equals >= 0;
        Keyword = HasValue ? word[..equals] : word;
        Value = HasValue ? word[(equals + 1)..] : [];
        return true;
    }

    public readonly bool Is(ReadOnlySpan<byte> keyword) => Ascii.EqualsIgnoreCase(Keyword, keyword);
}
