using System.Net;
using System.Text;
using AMA.Gateway.Smtp.Protocol;
using CsCheck;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class ConversationTests
{
    private static readonly SmtpRules Rules = new("archive.example", 1_000_000, RecipientsMax: 100, ErrorsMax: 1_000);

    [Fact]
    public void Threat_09_EveryOctet_InEveryPlaceOfARecipient_IsTakenOnlyAsText()
    {
        var command = "RCPT TO:<journal@one.example>"u8.ToArray();
        for (var place = 0; place <= command.Length; place++)
        {
            for (var octet = 0; octet < 256; octet++)
            {
                var conversation = InTransaction();
                byte[] line = [.. command[..place], (byte)octet, .. command[place..]];
                var reply = conversation.Take(line).Reply;
                var isControl = octet is < 0x20 or 0x7f;
                if (isControl) Assert.Equal(Replies.ControlBytes, reply);
                if (isControl || octet >= 0x80) Assert.Empty(conversation.Transaction!.Recipients);
            }
        }
    }

    [Fact]
    public void Threat_10_LineEndsInQuotes_NeverReachAnEnvelope()
    {
        var conversation = InTransaction();
        Assert.Equal(Replies.ControlBytes, conversation.Take("RCPT TO:<\"journal\r\nRCPT TO:\"@one.example>"u8).Reply);
        Assert.Equal(Replies.ControlBytes, conversation.Take("RCPT TO:<\"journal\\\rx\"@one.example>"u8).Reply);
    }

    [Fact]
    public void AnyLine_GetsAReply_AndBeforeTlsNothingBegins() =>
        Gen.OneOf(Gen.Byte, Gen.OneOf("MAILFRCPTODAHEQU:<> @.=\"\\8BIT"u8.ToArray())).Array[0, 60].Sample(line =>
        {
            var conversation = new SmtpConversation(Rules, new FixedBook(), IPAddress.Loopback);
            var step = conversation.Take(line);
            Assert.InRange(step.Reply.Code, 200, 599);
            Assert.NotEqual(SmtpAction.ReadMessage, step.Action);
            Assert.Null(conversation.Transaction);
        });

    [Fact]
    public void ManyLongRecipients_StayBelowTheEnvelopesLimit()
    {
        var conversation = new SmtpConversation(Rules with { RecipientsMax = 10_000 }, new FixedBook(), IPAddress.Loopback);
        conversation.Secured();
        conversation.Take("EHLO x"u8);
        conversation.Take("MAIL FROM:<>"u8);
        // The same mailbox, written as long as can be: a quoted pair for each letter.
        var line = Encoding.ASCII.GetBytes("RCPT TO:<\"\\j\\o\\u\\r\\n\\a\\l\"@one.example>");
        var taken = 0;
        while (conversation.Take(line).Reply == Replies.RecipientOk) taken++;
        Assert.Equal(10_000, taken);
        Assert.Equal(Replies.TooManyRecipients, conversation.Take(line).Reply);
        Assert.InRange(AMA.Archive.Spool.EnvelopeLimits.RecipientsMax, taken, int.MaxValue);
    }

    [Fact]
    public void Helo_IsKeptAsItCame()
    {
        var conversation = new SmtpConversation(Rules, new FixedBook(), IPAddress.Loopback);
        conversation.Take("HELO [192.0.2.1] (odd) "u8);
        Assert.Equal("[192.0.2.1] (odd)", conversation.Hello);
    }

    [Theory]
    [InlineData("zoë@one.example", "zo\u00eb@one.example")]
    [InlineData("zoe\u0308@one.example", "zo\u00eb@one.example")]
    [InlineData("ZOE\u0308@ONE.example", "zo\u00eb@one.example")]
    [InlineData("a@bücher.example", "a@xn--bcher-kva.example")]
    [InlineData("a@bu\u0308cher.example", "a@xn--bcher-kva.example")]
    [InlineData("a@XN--bcher-kva.example", "a@xn--bcher-kva.example")]
    public void Threat_11_TwoWaysToWriteOneAddress_HaveOneKey(string text, string key) =>
        Assert.Equal(key, KeyOf(text));

    [Theory]
    [InlineData("j\u043eurnal@one.example")]
    [InlineData("journal\u202e@one.example")]
    [InlineData("journal\u200d@one.example")]
    [InlineData("\uff4aournal@one.example")]
    public void Threat_11_LookAlikes_AreSomebodyElse(string text)
    {
        Assert.NotEqual("journal@one.example", KeyOf(text));
        var conversation = InTransaction("MAIL FROM:<> SMTPUTF8");
        Assert.Equal(Replies.UnknownRecipient, conversation.Take(Encoding.UTF8.GetBytes($"RCPT TO:<{text}>")).Reply);
    }

    [Theory]
    [InlineData("EHLO x")]
    [InlineData("DATA")]
    [InlineData("STARTTLS")]
    [InlineData("AUTH PLAIN")]
    public void Threat_05_CommandsThatEndAGroup_SaySo(string command)
    {
        var conversation = InTransaction();
        Assert.True(conversation.Take(Encoding.ASCII.GetBytes(command)).EndsGroup);
        Assert.False(conversation.Take("RCPT TO:<journal@one.example>"u8).EndsGroup);
    }

    private static string KeyOf(string text)
    {
        Assert.Equal(PathFault.None, PathParser.Parse(Encoding.UTF8.GetBytes($"<{text}>"), out var path, out _));
        return path.Key;
    }

    private static SmtpConversation InTransaction(string mail = "MAIL FROM:<a@client.example>")
    {
        var conversation = new SmtpConversation(Rules, new FixedBook(), IPAddress.Loopback);
        conversation.Secured();
        conversation.Take("EHLO client.example"u8);
        conversation.Take(Encoding.ASCII.GetBytes(mail));
        return conversation;
    }
}
