using AMA.Search.Analysis;

namespace AMA.Search.Query;

/// <summary>
/// The query language of docs/search.md. It goes down one level of recursion for each open bracket or NOT, and counts
/// them before it does.
/// </summary>
public sealed class QueryParser
{
    private readonly QueryTokens _tokens;
    private int _depth;
    private int _clauses;

    private QueryParser(string query) => _tokens = new QueryTokens(query);

    /// <summary>The empty query asks for everything. Throws <see cref="QueryException"/>, nothing else.</summary>
    public static QueryNode Parse(string query)
    {
        if (query.Length > QueryLimits.CharsMax)
            throw new QueryException($"shorten the query to {QueryLimits.CharsMax} characters", QueryLimits.CharsMax);
        return new QueryParser(query).Parse();
    }

    private QueryNode Parse()
    {
        if (_tokens.Peek.Kind == TokenKind.End) return new AllNode();
        var node = Either();
        if (_tokens.Peek.Kind == TokenKind.Close) throw Fault("remove this bracket, or open it further left");
        return node ?? throw new QueryException("write at least one word: a word has a letter or a digit", 0);
    }

    /// <summary>a OR b; null: nothing but punctuation.</summary>
    private QueryNode? Either()
    {
        var parts = new List<QueryNode?> { All() };
        while (_tokens.Peek.Kind == TokenKind.Or)
        {
            var or = _tokens.Take();
            if (!StartsOperand) throw new QueryException("write something behind OR, or leave OR out", or.At);
            parts.Add(All());
        }
        return Join(parts, several => new OrNode(several));
    }

    /// <summary>a AND b, a b.</summary>
    private QueryNode? All()
    {
        if (!StartsOperand) throw Fault("write something to search for here");
        var parts = new List<QueryNode?>();
        while (StartsOperand)
        {
            parts.Add(Operand());
            if (_tokens.Peek.Kind != TokenKind.And) continue;
            var and = _tokens.Take();
            if (!StartsOperand) throw new QueryException("write something behind AND, or leave AND out", and.At);
        }
        return Join(parts, several => new AndNode(several));
    }

    private static QueryNode? Join(List<QueryNode?> parts, Func<IReadOnlyList<QueryNode>, QueryNode> join)
    {
        var written = parts.OfType<QueryNode>().ToArray();
        return written.Length switch { 0 => null, 1 => written[0], _ => join(written) };
    }

    private bool StartsOperand =>
        _tokens.Peek.Kind is TokenKind.Term or TokenKind.Not or TokenKind.Open;

    private QueryNode? Operand()
    {
        var token = _tokens.Take();
        return token.Kind switch
        {
            TokenKind.Not => Not(token),
            TokenKind.Open => Bracket(token),
            _ => Term(token),
        };
    }

    private QueryNode? Not(QueryToken not)
    {
        if (!StartsOperand) throw new QueryException("write something behind NOT, or leave NOT out", not.At);
        Descend(not);
        var part = Operand();
        _depth--;
        return part is null ? null : new NotNode(part);
    }

    private QueryNode? Bracket(QueryToken open)
    {
        Descend(open);
        var inner = Either();
        if (_tokens.Peek.Kind != TokenKind.Close) throw new QueryException("close this bracket", open.At);
        _tokens.Take();
        _depth--;
        return inner;
    }

    private void Descend(QueryToken token)
    {
        if (++_depth > QueryLimits.DepthMax)
            throw new QueryException(
                $"use at most {QueryLimits.DepthMax} brackets and NOTs inside one another", token.At);
    }

    /// <summary>A word, phrase or date; null for punctuation without a field, as in "fish & chips".</summary>
    private QueryNode? Term(QueryToken token)
    {
        if (token.Dates is { } dates)
        {
            Count(1, token);
            return QueryDates.Parse(dates, token.Text, token.At);
        }
        if (token.Field == QueryField.MessageId)
        {
            Count(1, token);
            return new WordNode(QueryField.MessageId, token.Text.Trim('<', '>'), false);
        }
        var words = Words.Of(token.Text);
        Count(words.Count, token);
        if (words.Count == 0)
            return token.Field is QueryField.Any
                ? null
                : throw new QueryException("write a word with a letter or a digit here", token.At);
        if (token.Quoted) return new PhraseNode(token.Field, token.Text);
        return token.Text.EndsWith('*') ? Prefix(token, words) : new WordNode(token.Field, token.Text, false);
    }

    private static WordNode Prefix(QueryToken token, IReadOnlyList<string[]> words)
    {
        var start = token.Text.TrimEnd('*');
        if (words.Count > 1 || !char.IsLetterOrDigit(start[^1]))
            throw new QueryException("use * only behind a single word, without punctuation in it", token.At);
        if (words[0].Min(form => form.Length) < QueryLimits.PrefixCharsMin)
            throw new QueryException($"write at least {QueryLimits.PrefixCharsMin} letters before *", token.At);
        return new WordNode(token.Field, start, true);
    }

    private void Count(int clauses, QueryToken token)
    {
        if ((_clauses += clauses) > QueryLimits.ClausesMax)
            throw new QueryException($"use at most {QueryLimits.ClausesMax} words in one query", token.At);
    }

    private QueryException Fault(string message) => new(message, _tokens.Peek.At);
}
