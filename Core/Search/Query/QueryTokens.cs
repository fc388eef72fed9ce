namespace AMA.Search.Query;

internal enum TokenKind { End, Term, And, Or, Not, Open, Close }

internal enum DateBound { After, Before, Range }

/// <param name="At">Character of the query.</param>
/// <param name="Text">Of a term: what stands behind its field.</param>
/// <param name="Dates">Of a term of dates: which bound it names.</param>
internal readonly record struct QueryToken(
    TokenKind Kind, int At, QueryField Field = QueryField.Any, string Text = "", bool Quoted = false,
    DateBound? Dates = null);

/// <summary>Cuts a query into brackets, operators and terms, one ahead of the parser.</summary>
internal sealed class QueryTokens
{
    private readonly string _query;
    private int _at;

    public QueryTokens(string query)
    {
        _query = query;
        Peek = Read();
    }

    /// <summary>The token that <see cref="Take"/> gives next.</summary>
    public QueryToken Peek { get; private set; }

    public QueryToken Take()
    {
        var token = Peek;
        if (token.Kind != TokenKind.End) Peek = Read();
        return token;
    }

    private QueryToken Read()
    {
        while (_at < _query.Length && char.IsWhiteSpace(_query[_at])) _at++;
        if (_at == _query.Length) return new(TokenKind.End, _at);
        var at = _at;
        switch (_query[at])
        {
            case '(':
                _at++;
                return new(TokenKind.Open, at);
            case ')':
                _at++;
                return new(TokenKind.Close, at);
            case '-' when NegatesAt(at + 1):
                _at++;
                return new(TokenKind.Not, at);
            default:
                return Term(at);
        }
    }

    /// <summary>A minus directly before something; between blanks it is only punctuation.</summary>
    private bool NegatesAt(int at) =>
        at < _query.Length && !char.IsWhiteSpace(_query[at]) && _query[at] is not ('-' or ')');

    private QueryToken Term(int at)
    {
        if (_query[at] == '"') return Value(at, new(TokenKind.Term, at));
        var word = Run(at);
        switch (word)
        {
            case "AND": _at = at + word.Length; return new(TokenKind.And, at);
            case "OR": _at = at + word.Length; return new(TokenKind.Or, at);
            case "NOT": _at = at + word.Length; return new(TokenKind.Not, at);
        }
        var colon = word.IndexOf(':');
        var token = colon > 0 ? Field(word[..colon].ToLowerInvariant(), at) : null;
        return token is { } field ? Value(at + colon + 1, field) : Value(at, new(TokenKind.Term, at));
    }

    /// <summary>Any other word before a colon is a word: "Re:", "http:".</summary>
    private static QueryToken? Field(string name, int at) => name switch
    {
        "from" => new(TokenKind.Term, at, QueryField.From),
        "to" => new(TokenKind.Term, at, QueryField.To),
        "subject" => new(TokenKind.Term, at, QueryField.Subject),
        "body" => new(TokenKind.Term, at, QueryField.Body),
        "filename" => new(TokenKind.Term, at, QueryField.FileName),
        "message-id" => new(TokenKind.Term, at, QueryField.MessageId),
        "after" => new(TokenKind.Term, at, Dates: DateBound.After),
        "before" => new(TokenKind.Term, at, Dates: DateBound.Before),
        "date" => new(TokenKind.Term, at, Dates: DateBound.Range),
        _ => null,
    };

    /// <summary>What stands at <paramref name="start"/>: up to the closing quotation mark, or up to a blank.</summary>
    private QueryToken Value(int start, QueryToken token)
    {
        if (start < _query.Length && _query[start] == '"') return Quotation(start, token);
        var text = Run(start);
        if (text.Length == 0)
        {
            var bracket = start < _query.Length && _query[start] == '(';
            throw new QueryException(bracket
                ? "write the field before each word inside the brackets: (from:ada OR from:bob)"
                : "write what to look for directly behind the colon", start);
        }
        _at = start + text.Length;
        return token with { Text = text };
    }

    private QueryToken Quotation(int start, QueryToken token)
    {
        var end = _query.IndexOf('"', start + 1);
        if (end < 0) throw new QueryException("close this quotation mark", start);
        _at = end + 1;
        return token with { Text = _query[(start + 1)..end], Quoted = true };
    }

    private string Run(int start)
    {
        var end = start;
        while (end < _query.Length && !char.IsWhiteSpace(_query[end]) && _query[end] is not ('(' or ')' or '"')) end++;
        return _query[start..end];
    }
}
