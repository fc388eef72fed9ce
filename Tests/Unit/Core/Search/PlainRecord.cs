using AMA.Search.Analysis;
using AMA.Search.Documents;
using AMA.Search.Query;

namespace AMA.Tests.Unit.Core.Search;

/// <summary>Answers questions about one record without any index, slowly and plainly.</summary>
public sealed class PlainRecord
{
    private readonly Dictionary<QueryField, IReadOnlyList<string[]>[]> _fields = [];
    private readonly string[] _senders;
    private readonly string[] _recipients;

    public PlainRecord(IndexEntry entry)
    {
        Entry = entry;
        var recipients = entry.RecipientAddresses.Concat(entry.First.Recipients).ToArray();
        _senders = [.. entry.SenderAddresses.Select(Addresses.Normal)];
        _recipients = [.. recipients.Select(Addresses.Normal)];
        Set(QueryField.Subject, entry.Subject);
        Set(QueryField.Body, entry.Text, entry.HiddenText);
        Set(QueryField.FileName, [.. entry.Attachments]);
        Set(QueryField.From, [entry.From, .. entry.SenderAddresses]);
        Set(QueryField.To, [.. entry.To, .. entry.CcBcc, .. recipients]);
        Set(QueryField.Any, [
            entry.Subject, entry.Text, entry.HiddenText, .. entry.Attachments, entry.From, .. entry.SenderAddresses,
            .. entry.To, .. entry.CcBcc, .. recipients, .. entry.ReplyToAddresses]);
    }

    public IndexEntry Entry { get; }

    public IEnumerable<string> Seen => [.. _senders, .. _recipients, Addresses.Normal(Entry.First.Sender)];

    public bool IsSeenBy(Visibility who) => who.Addresses is null || who.Addresses.Intersect(Seen).Any();

    public bool Answers(QueryNode query) => query switch
    {
        AllNode => true,
        AndNode and => and.Parts.All(Answers),
        OrNode or => or.Parts.Any(Answers),
        NotNode not => !Answers(not.Part),
        DateNode date => Answers(date),
        PhraseNode phrase => Has(phrase.Field, Words.Of(phrase.Text), false),
        WordNode { Field: QueryField.From, Text: var text } when text.Contains('@') => _senders.Contains(text),
        WordNode word => Has(word.Field, Words.Of(word.Text), word.Prefix),
        _ => throw new InvalidOperationException(),
    };

    private bool Answers(DateNode date)
    {
        var day = DateOnly.FromDateTime((Entry.Date ?? Entry.First.AcceptedAt).UtcDateTime);
        return !(date.First > day) && !(date.Last < day);
    }

    private void Set(QueryField field, params string[] texts) => _fields[field] = [.. texts.Select(Words.Of)];

    private bool Has(QueryField field, IReadOnlyList<string[]> words, bool prefix) => _fields[field].Any(text =>
        Enumerable.Range(0, Math.Max(0, text.Count - words.Count + 1)).Any(at =>
            Enumerable.Range(0, words.Count).All(i => words[i].Any(form => text[at + i].Any(word =>
                prefix ? word.StartsWith(form, StringComparison.Ordinal) : word == form)))));
}
