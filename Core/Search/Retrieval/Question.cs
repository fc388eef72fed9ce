using AMA.Search.Analysis;
using AMA.Search.Documents;
using AMA.Search.Query;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;
using LuceneQuery = Lucene.Net.Search.Query;

namespace AMA.Search.Retrieval;

/// <summary>
/// Turns a question into Lucene queries for one view. Only terms, phrases and filters are made: nothing that Lucene
/// would have to parse, compile or recurse into. Recursion here is as deep as <see cref="QueryLimits.DepthMax"/>.
/// </summary>
internal sealed class Question(SearchView view, SearchPulse pulse)
{
    /// <summary>The question, and outside of it, as another condition, whose eyes see the answer.</summary>
    public LuceneQuery Of(QueryNode node, Visibility who)
    {
        var query = Of(node);
        if (who.Addresses is not { } addresses) return query;
        var visible = new ConstantScoreQuery(new VisibleFilter(view, addresses, pulse));
        return new BooleanQuery(true) { { query, Occur.MUST }, { visible, Occur.MUST } };
    }

    private LuceneQuery Of(QueryNode node) => node switch
    {
        AllNode => All(),
        WordNode word => Word(word),
        PhraseNode phrase => InFields(phrase.Field, field => Phrase(field, Words.Of(phrase.Text))),
        DateNode date => Dates(date),
        AndNode and => And(and.Parts),
        OrNode or => Or(or.Parts.Select(Of)),
        NotNode not => And([not]),
        _ => throw new InvalidOperationException($"no such question: {node.GetType().Name}"),
    };

    private LuceneQuery All() => new ConstantScoreQuery(DateFilter.All(view));

    /// <summary>What must not be is taken from what must; when nothing must be, from everything.</summary>
    private BooleanQuery And(IReadOnlyList<QueryNode> parts)
    {
        var query = new BooleanQuery(true);
        foreach (var part in parts)
        {
            if (part is NotNode not) query.Add(Of(not.Part), Occur.MUST_NOT);
            else query.Add(Of(part), Occur.MUST);
        }
        if (parts.All(part => part is NotNode)) query.Add(All(), Occur.MUST);
        return query;
    }

    private static LuceneQuery Or(IEnumerable<LuceneQuery> parts)
    {
        var query = new BooleanQuery(true);
        foreach (var part in parts) query.Add(part, Occur.SHOULD);
        return query.Clauses.Count == 1 ? query.Clauses[0].Query : query;
    }

    private LuceneQuery Dates(DateNode date)
    {
        var first = date.First is { } from ? Milliseconds(from) : LeafDates.NoDate + 1;
        var last = date.Last is { } to && to < DateOnly.MaxValue ? Milliseconds(to.AddDays(1)) - 1 : long.MaxValue;
        return new ConstantScoreQuery(new DateFilter(view, first, last));
    }

    private static long Milliseconds(DateOnly day) =>
        new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private LuceneQuery Word(WordNode word)
    {
        if (word.Field == QueryField.MessageId)
            return Exact(IndexFields.MessageId, RecordDocuments.MessageId(word.Text));
        if (IsAddress(word))
            return InFields(word.Field, field => Exact(field, RawTerm.Bytes(Addresses.Normal(word.Text))));
        var words = Words.Of(word.Text);
        return word.Prefix
            ? InFields(word.Field, field => Or(words[0].Select(form => Prefix(field, form))))
            : InFields(word.Field, field => Phrase(field, words));
    }

    /// <summary>ada@example.org, or @example.org.</summary>
    private static bool IsAddress(WordNode word) => word.Field is QueryField.From or QueryField.To && !word.Prefix
        && word.Text.LastIndexOf('@') is var at and >= 0 && at < word.Text.Length - 1;

    /// <summary>The fields a question's field stands for; further deliveries are asked for recipients, too.</summary>
    private LuceneQuery InFields(QueryField field, Func<string, LuceneQuery> query) => field switch
    {
        QueryField.From => query(IndexFields.From),
        QueryField.To => WithDeliveries(query),
        QueryField.Subject => query(IndexFields.Subject),
        QueryField.Body => query(IndexFields.Body),
        QueryField.FileName => query(IndexFields.FileName),
        QueryField.MessageId => query(IndexFields.MessageId),
        _ => Or([query(IndexFields.Head), query(IndexFields.Body)]),
    };

    private LuceneQuery WithDeliveries(Func<string, LuceneQuery> query)
    {
        var delivered = RecordSet.Of(view, query(IndexFields.DeliveryTo), pulse);
        return delivered.IsEmpty
            ? query(IndexFields.To)
            : Or([query(IndexFields.To), new ConstantScoreQuery(new RecordSetFilter(view, delivered))]);
    }

    private static TermQuery Exact(string field, byte[] term) => new(new Term(field, new BytesRef(term)));

    private LuceneQuery Prefix(string field, string start) =>
        new ConstantScoreQuery(new PrefixFilter(field, start, pulse));

    /// <summary>Words side by side, each in any of its forms.</summary>
    private static LuceneQuery Phrase(string field, IReadOnlyList<string[]> words)
    {
        if (words.Count == 0) return new BooleanQuery(true);
        if (words.Count == 1) return Or(words[0].Select(form => new TermQuery(new Term(field, form))));
        var phrase = new MultiPhraseQuery();
        foreach (var forms in words) phrase.Add([.. forms.Select(form => new Term(field, form))]);
        return phrase;
    }
}
