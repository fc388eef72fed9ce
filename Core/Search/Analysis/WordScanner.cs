using System.Globalization;
using System.Text;

namespace AMA.Search.Analysis;

/// <summary>
/// Cuts text into words, the same way for mail and for questions, in any language: runs of letters and digits, lower
/// case, accents folded. Scripts that write no blanks (Chinese, Japanese, Thai …) give one word for each character;
/// side by side they are found as a phrase. Written out, because this loop sees every byte of text archived.
/// </summary>
internal sealed class WordScanner
{
    /// <summary>What is longer is cut, in mail and question alike: base64 debris must not fill the index.</summary>
    public const int WordCharsMax = 64;

    /// <summary>For ASCII: the lower-case letter or digit, or 0 for a separator.</summary>
    private static readonly char[] Ascii = [.. Enumerable.Range(0, 128)
        .Select(c => char.IsAsciiLetterOrDigit((char)c) ? char.ToLowerInvariant((char)c) : '\0')];

    private readonly char[] _word = new char[WordCharsMax];
    private string _text = "";
    private int _at;
    private int _length;
    private bool _folds;
    private string? _folded;

    /// <summary>The word, folded.</summary>
    public ReadOnlySpan<char> Word => _folded is null ? _word.AsSpan(0, _length) : _folded;

    /// <summary>Another way to write it without its accents ("mueller" for "müller"); null: there is none.</summary>
    public string? Variant { get; private set; }

    public void Reset(string text) => (_text, _at) = (text, 0);

    public bool Next()
    {
        (_length, _folds, _folded, Variant) = (0, false, null, null);
        while (_at < _text.Length && _length == 0) Scan();
        if (_length == 0) return false;
        if (_folds) (_folded, Variant) = Folding.Fold(_word.AsSpan(0, _length));
        return true;
    }

    /// <summary>Passes one separator, or takes one word.</summary>
    private void Scan()
    {
        var at = _at;
        var chars = 1;
        while (at < _text.Length)
        {
            var c = _text[at];
            chars = 1;
            var kind = c < 128 ? Letter.Word : Kind(at, out chars);
            if (c < 128 && Ascii[c] == 0 || kind is Letter.None) break;
            if (kind is Letter.Alone && _length > 0 || kind is Letter.Mark && _length == 0) break;
            Take(at, chars);
            at += chars;
            if (kind is Letter.Alone) break;
        }
        _at = _length > 0 ? at : at + chars;
    }

    private void Take(int at, int chars)
    {
        if (_length + chars > WordCharsMax) return;
        if (_text[at] < 128)
        {
            _word[_length++] = Ascii[_text[at]];
            return;
        }
        _text.CopyTo(at, _word, _length, chars);
        _length += chars;
        _folds = true;
    }

    private enum Letter { None, Word, Mark, Alone }

    private Letter Kind(int at, out int chars)
    {
        Rune.DecodeFromUtf16(_text.AsSpan(at), out var rune, out chars);
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.DecimalDigitNumber => Letter.Word,
            UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter =>
                WritesNoBlanks(rune.Value) ? Letter.Alone : Letter.Word,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark =>
                Letter.Mark,
            _ => Letter.None,
        };
    }

    private static bool WritesNoBlanks(int c) => c
        is (>= 0x0E00 and <= 0x0EFF) // Thai, Lao
        or (>= 0x1000 and <= 0x109F) // Myanmar
        or (>= 0x1780 and <= 0x17FF) // Khmer
        or (>= 0x3040 and <= 0x30FF) // Hiragana, Katakana
        or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) // Han
        or (>= 0xFF66 and <= 0xFF9F) // half-width Katakana
        or (>= 0x20000 and <= 0x3FFFF); // Han beyond the first plane
}
