using System.Text;
using AMA.Archive.Ids;
using AMA.Search.Analysis;
using Lucene.Net.Documents;
using Lucene.Net.Index;
using Lucene.Net.Util;

namespace AMA.Search.Documents;

/// <summary>
/// Makes Lucene documents. One document at a time, by one thread: fields and token streams are used again, and what it
/// returns is valid until the next call.
/// </summary>
internal sealed class RecordDocuments
{
    private const int DeliveryIdBytes = 20;

    private readonly List<IIndexableField> _document = [];
    private readonly Dictionary<string, (WordStream Stream, Field Field)> _words = [];
    private readonly Dictionary<string, (ExactStream Stream, Field Field)> _exact = [];
    private readonly NumericDocValuesField _date = new(IndexFields.Date, 0);
    private readonly NumericDocValuesField _logIndex = new(IndexFields.LogIndex, 0);

    public IEnumerable<IIndexableField> Of(IndexEntry entry)
    {
        _document.Clear();
        var from = People.Of([entry.From], entry.SenderAddresses);
        var to = People.Of(entry.To.Concat(entry.CcBcc), entry.RecipientAddresses.Concat(entry.First.Recipients));
        Words(IndexFields.From, from.Texts, from.Addresses);
        Words(IndexFields.To, to.Texts, to.Addresses);
        Words(IndexFields.Subject, [entry.Subject], []);
        Words(IndexFields.FileName, entry.Attachments, []);
        var head = from.Texts.Concat(to.Texts).Concat(entry.ReplyToAddresses).Concat(entry.Attachments);
        Words(IndexFields.Head, head.Prepend(entry.Subject), []);
        Words(IndexFields.Body, [entry.Text, entry.HiddenText], []);
        Exact(IndexFields.MessageId, MessageIds(entry));
        Exact(IndexFields.Seen, Seen(from.Addresses.Concat(to.Addresses).Append(entry.First.Sender)));
        Exact(IndexFields.Tag, [entry.DedupeTag.ToArray()]);
        Exact(IndexFields.Id, [Bytes(entry.Id)]);
        Id(entry.Id);
        _date.SetInt64Value((entry.Date ?? entry.First.AcceptedAt).ToUnixTimeMilliseconds());
        _document.Add(_date);
        _logIndex.SetInt64Value((long)entry.LogIndex);
        _document.Add(_logIndex);
        _document.Add(new StoredField(IndexFields.Stored, StoredRecord.Write(entry)));
        return _document;
    }

    public IEnumerable<IIndexableField> Of(DeliveryEntry entry)
    {
        _document.Clear();
        var delivery = entry.Delivery;
        Words(IndexFields.DeliveryTo, delivery.Recipients, delivery.Recipients);
        Exact(IndexFields.DeliverySeen, Seen(delivery.Recipients.Append(delivery.Sender)));
        Exact(IndexFields.DeliveryOf, [Bytes(entry.Record)]);
        Exact(IndexFields.DeliveryId, [Bytes(delivery.Id)]);
        Id(entry.Record);
        _document.Add(new StoredField(IndexFields.Stored, StoredRecord.Write(delivery)));
        return _document;
    }

    public static byte[] Bytes(RecordId id)
    {
        var bytes = new byte[16];
        id.Write(bytes);
        return bytes;
    }

    public static byte[] Bytes(DeliveryId id)
    {
        var bytes = new byte[DeliveryIdBytes];
        id.Write(bytes);
        return bytes;
    }

    private static IEnumerable<byte[]> MessageIds(IndexEntry entry)
    {
        yield return MessageId(entry.MessageId);
        if (entry.JournaledId.Length > 0) yield return MessageId(entry.JournaledId);
    }

    public static byte[] MessageId(string id)
    {
        const int charsMax = 250;
        return Encoding.UTF8.GetBytes(id.Length <= charsMax ? id : id[..charsMax]);
    }

    private static IEnumerable<byte[]> Seen(IEnumerable<string> addresses) =>
        addresses.Select(Addresses.Normal).Where(a => a.Length > 0).Distinct().Select(Encoding.UTF8.GetBytes);

    private void Id(RecordId id) => _document.Add(new BinaryDocValuesField(IndexFields.Id, new BytesRef(Bytes(id))));

    private void Words(string name, IEnumerable<string> texts, IEnumerable<string> addresses)
    {
        if (!_words.TryGetValue(name, out var words))
        {
            var stream = new WordStream();
            _words[name] = words = (stream, new Field(name, stream, IndexFields.WordsType));
        }
        words.Stream.Begin();
        foreach (var text in texts) words.Stream.Add(text);
        words.Stream.AddExact(addresses.SelectMany(Addresses.Terms).Distinct());
        if (!words.Stream.IsEmpty) _document.Add(words.Field);
    }

    private void Exact(string name, IEnumerable<byte[]> values)
    {
        if (!_exact.TryGetValue(name, out var exact))
        {
            var stream = new ExactStream();
            _exact[name] = exact = (stream, new Field(name, stream, IndexFields.ExactType));
        }
        exact.Stream.Begin();
        foreach (var value in values) exact.Stream.Add(value);
        if (!exact.Stream.IsEmpty) _document.Add(exact.Field);
    }
}
