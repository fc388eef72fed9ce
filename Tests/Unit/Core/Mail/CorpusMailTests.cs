using AMA.Mail;
using Xunit;

namespace AMA.Tests.Unit.Core.Mail;

/// <summary>Real mail, ordinary and odd.</summary>
public class CorpusMailTests
{
    [Fact]
    public void OrdinaryMail_HasPeopleDatesAndText()
    {
        var read = MailCorpus.Ordinary(step: 4).Select(m => Letters.Parse(m.Raw)).ToArray();
        Assert.InRange(read.Length, 1_000, 10_000);
        Assert.DoesNotContain(read, mail => (mail.Flags & (MailFlags.Unparsed | MailFlags.PartlyIndexed)) != 0);
        AssertNearlyAll(read, mail => mail.SenderAddresses.Count > 0);
        AssertNearlyAll(read, mail => mail.Date is not null);
        AssertNearlyAll(read, mail => mail.MessageId.Contains('@'));
        AssertNearlyAll(read, mail => mail.Text.Length > 0 || mail.Attachments.Count > 0);
        AssertNearlyAll(read, mail => !mail.Text.Contains("Content-Type:"));
    }

    private static void AssertNearlyAll(ParsedMail[] read, Func<ParsedMail, bool> holds) =>
        Assert.InRange(read.Count(holds), read.Length * 0.98, read.Length);

    [Fact]
    public void OddMail_IsReadOrFlagged()
    {
        var count = 0;
        foreach (var (name, raw) in MailCorpus.Odd())
        {
            var mail = Letters.Parse(raw);
            var says = mail.Text.Length + mail.HiddenText.Length + mail.Attachments.Count + mail.Subject.Length > 0;
            Assert.True(says || mail.Flags != MailFlags.None, $"{name} says nothing, and nothing is odd about it");
            count++;
        }
        Assert.InRange(count, 900, 100_000);
    }

    [Fact]
    public void OddMail_CutAnywhere_IsRead()
    {
        var random = new Random(14);
        foreach (var (_, raw) in MailCorpus.Odd())
        {
            if (raw.Length > 20_000) continue;
            Letters.Parse(raw[..random.Next(raw.Length + 1)]);
            var changed = raw.ToArray();
            for (var i = 0; i < changed.Length / 50; i++) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            Letters.Parse(changed);
        }
    }

    [Theory]
    [InlineData("odd/rspamd/fws_fn.eml", "Test content type", "admin@aaa.example.com", "Hello world")]
    [InlineData("odd/spamassassin-tests/spam/015", "no r-x req", "gagnenljl@mindspring.com", "purrchaze directly")]
    [InlineData("odd/ruby-mail/emails/rfc2822/example14.eml", "Re: TEST", "atsushi@example.com", "Hello")]
    [InlineData("odd/mimekit/messages/feedback-report.txt", "FW: Earn money", "abusedesk@example.com", "abuse report")]
    [InlineData("odd/dsn-sisimai/maildir/mac/lhost-postfix-01.eml", "", "", "kijitora@example.org")]
    public void KnownOddMail_SaysWhatItSays(string path, string subject, string from, string text)
    {
        var mail = Letters.Parse(File.ReadAllBytes(Path.Combine(MailCorpus.Folder, path)));
        Assert.StartsWith(subject, mail.Subject);
        if (from.Length > 0) Assert.Contains(from, mail.SenderAddresses);
        Assert.Contains(text, mail.Text);
    }
}
