using System.Text;
using AMA.Mail.Parts;
using MimeKit.Text;

namespace AMA.Mail.Content;

/// <summary>
/// The text a reader of an HTML body sees, roughly laid out. A tokenizer, not a tree: tags in any number and any
/// nesting cost one step each and no stack (threats.md, rows 19 and 21).
/// </summary>
internal static class HtmlText
{
    /// <summary>Tags and text runs read; beyond it the rest is left out.</summary>
    private const int TokensMax = 200_000;

    /// <summary>
    /// What a <c>meta</c> near the top says, for a part whose own fields say nothing; null: it is silent too.
    /// </summary>
    public static string? CharsetOf(PartHead head, ReadOnlySpan<byte> content)
    {
        if (!head.IsHtml) return null;
        var top = Encoding.ASCII.GetString(content[..Math.Min(content.Length, MetaBytesMax)]);
        var at = top.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        var rest = top.AsSpan(at + "charset=".Length).TrimStart("\"'");
        var end = rest.IndexOfAny("\"'>; /\r\n");
        return end > 0 ? rest[..end].ToString() : null;
    }

    private const int MetaBytesMax = 1_024;

    public static string Of(string html, ref MailFlags flags)
    {
        var tokenizer = new HtmlTokenizer(new StringReader(html)) { DecodeCharacterReferences = true };
        var text = new HtmlLines(html.Length / 2);
        var tokens = 0;
        while (tokenizer.ReadNextToken(out var token))
        {
            if (++tokens > TokensMax)
            {
                flags |= MailFlags.PartlyIndexed;
                break;
            }
            if (token is HtmlTagToken tag) text.Tag(tag);
            else if (token.Kind is HtmlTokenKind.Data or HtmlTokenKind.CData) text.Words(((HtmlDataToken)token).Data);
        }
        return text.ToString();
    }
}

/// <summary>Text under way: white space collapsed, a new line where a block begins or ends.</summary>
internal sealed class HtmlLines(int capacity)
{
    private readonly StringBuilder _text = new(capacity);
    private HtmlTagId _unseen = HtmlTagId.Unknown;
    private bool _blank;

    public void Tag(HtmlTagToken tag)
    {
        if (_unseen != HtmlTagId.Unknown)
        {
            if (tag.IsEndTag && tag.Id == _unseen) _unseen = HtmlTagId.Unknown;
        }
        else if (tag.Id is HtmlTagId.Style or HtmlTagId.Script or HtmlTagId.Title && !tag.IsEndTag)
            _unseen = tag.IsEmptyElement ? HtmlTagId.Unknown : tag.Id;
        else if (IsBlock(tag.Id))
            EndLine();
        else if (tag.Id is HtmlTagId.TD or HtmlTagId.TH or HtmlTagId.Image)
            _blank = true;
    }

    public void Words(string data)
    {
        if (_unseen != HtmlTagId.Unknown) return;
        foreach (var c in data)
        {
            if (char.IsWhiteSpace(c) || c == '\0') { _blank = true; continue; }
            if (_blank && _text.Length > 0 && _text[^1] != '\n') _text.Append(' ');
            _blank = false;
            _text.Append(c);
        }
    }

    private void EndLine()
    {
        _blank = false;
        if (_text.Length > 0 && _text[^1] != '\n') _text.Append('\n');
    }

    private static bool IsBlock(HtmlTagId id) => id is HtmlTagId.P or HtmlTagId.Div or HtmlTagId.Br or HtmlTagId.TR
        or HtmlTagId.LI or HtmlTagId.UL or HtmlTagId.OL or HtmlTagId.Table or HtmlTagId.HR or HtmlTagId.Pre
        or HtmlTagId.BlockQuote or HtmlTagId.H1 or HtmlTagId.H2 or HtmlTagId.H3 or HtmlTagId.H4 or HtmlTagId.H5
        or HtmlTagId.H6 or HtmlTagId.DT or HtmlTagId.DD or HtmlTagId.Body or HtmlTagId.Head or HtmlTagId.Section
        or HtmlTagId.Article or HtmlTagId.Header or HtmlTagId.Footer or HtmlTagId.Form or HtmlTagId.Center;

    public override string ToString() => _text.ToString();
}
