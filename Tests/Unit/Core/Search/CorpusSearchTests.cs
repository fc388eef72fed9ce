using AMA.Mail;
using AMA.Search;
using AMA.Search.Analysis;
using AMA.Search.Documents;
using AMA.Search.Query;
using AMA.Tests.Unit.Core.Mail;
using Xunit;

namespace AMA.Tests.Unit.Core.Search;

/// <summary>
/// Real mail, random questions: the index finds what going through all mail finds, and counts it exactly.
/// </summary>
public sealed class CorpusSearchTests : IDisposable
{
    private const int Seed = 20261123;
    private const int Questions = 250;

    private readonly IndexBench _bench = new();
    private readonly Random _random = new(Seed);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void RandomQuestions_AreAnsweredAsByGoingThroughAllMail()
    {
        var mails = MailCorpus.Ordinary(step: 20).Select((m, n) => Entry(n, MailParser.Parse(m.Raw))).ToArray();
        var plain = mails.Select(entry => new PlainRecord(entry)).ToArray();
        using var index = _bench.Open();
        for (var n = 0; n < mails.Length; n++)
        {
            index.Add(mails[n]);
            if (n % 100 == 99) index.Refresh();
        }
        index.Refresh();
        Assert.Equal(mails.Length, index.Count);
        var found = 0;
        for (var i = 0; i < Questions; i++) found += Compare(index, plain, Draw(mails, 2));
        Assert.InRange(found, Questions, Questions * mails.Length);
    }

    private int Compare(MailIndex index, PlainRecord[] plain, string question)
    {
        var query = QueryParser.Parse(question);
        Visibility[] eyes = [Visibility.All, Visibility.Of(plain[_random.Next(plain.Length)].Seen.Take(2))];
        foreach (var who in eyes)
        {
            var due = plain.Where(r => r.Answers(query) && r.IsSeenBy(who)).Select(r => r.Entry.Id).ToHashSet();
            var page = index.Search(query, who, 1_000, null);
            Assert.True(due.Count == page.Total, $"seed {Seed}, {question}: {page.Total} found, {due.Count} due");
            Assert.True(due.SetEquals(page.Items.Select(item => item.Id)), $"seed {Seed}, {question}");
        }
        return (int)index.Search(query, Visibility.All, 1, null).Total;
    }

    private static IndexEntry Entry(int number, ParsedMail mail) => IndexBench.Entry(number) with
    {
        Subject = mail.Subject,
        Text = mail.Text,
        From = mail.From,
        To = mail.To,
        CcBcc = [.. mail.Cc, .. mail.Bcc],
        SenderAddresses = mail.SenderAddresses,
        RecipientAddresses = mail.RecipientAddresses,
        ReplyToAddresses = mail.ReplyToAddresses,
        Date = mail.Date,
        HiddenText = mail.HiddenText,
        Attachments = [.. mail.Attachments.Select(a => a.Name)],
    };

    private string Draw(IndexEntry[] mails, int depth)
    {
        var mail = mails[_random.Next(mails.Length)];
        switch (_random.Next(depth == 0 ? 8 : 13))
        {
            case 0 or 1: return Word(mail.Text);
            case 2: return Phrase(mail.Text);
            case 3: return "subject:" + Word(mail.Subject);
            case 4: return "from:" + (mail.SenderAddresses.FirstOrDefault() ?? "nobody@example.org");
            case 5: return "from:" + (mail.SenderAddresses.FirstOrDefault() ?? "nobody@example.org").Split('@')[1];
            case 6: return "to:" + Word(string.Join(' ', mail.To.Append("list")));
            case 7:
                var day = DateOnly.FromDateTime((mail.Date ?? mail.First.AcceptedAt).UtcDateTime);
                return $"date:{day:yyyy-MM-dd}..{day.AddDays(_random.Next(60)):yyyy-MM-dd}";
            case 8: return $"({Draw(mails, depth - 1)} OR {Draw(mails, depth - 1)})";
            case 9: return $"-({Draw(mails, depth - 1)})";
            case 10: return Word(mail.Text) is { Length: >= 3 } word ? word[..3] + "*" : "the*";
            default: return $"({Draw(mails, depth - 1)} {Draw(mails, depth - 1)})";
        }
    }

    private string Word(string text)
    {
        var words = Words.Of(text);
        return words.Count == 0 ? "nothing" : words[_random.Next(words.Count)][0];
    }

    private string Phrase(string text)
    {
        var words = Words.Of(text);
        if (words.Count < 3) return "\"no phrase\"";
        var at = _random.Next(words.Count - 2);
        return $"\"{string.Join(' ', words.Skip(at).Take(_random.Next(2, 4)).Select(forms => forms[0]))}\"";
    }
}
