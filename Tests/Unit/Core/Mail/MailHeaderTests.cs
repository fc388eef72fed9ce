using System.Text;
using AMA.Mail;
using Xunit;
using static AMA.Tests.Unit.Core.Mail.Letters;

namespace AMA.Tests.Unit.Core.Mail;

public class MailHeaderTests
{
    [Fact]
    public void OrdinaryMail_IsRead()
    {
        var mail = Parse(
            "Message-ID: <1@example.org>", "From: \"Ada Lovelace\" <Ada@Example.org>", "Sender: desk@example.org",
            "To: Bob <bob@example.org>, carol@example.org", "Cc: dan@example.org", "Bcc: eve@example.org",
            "Reply-To: replies@example.org", "Date: Fri, 2 Jan 2015 03:04:05 +0100", "Subject: Hello", "", "Text.", "");
        Assert.Equal("1@example.org", mail.MessageId);
        Assert.Equal("Ada Lovelace <Ada@Example.org>", mail.From);
        Assert.Equal(["Bob <bob@example.org>", "carol@example.org"], mail.To);
        Assert.Equal(["dan@example.org"], mail.Cc);
        Assert.Equal(["eve@example.org"], mail.Bcc);
        Assert.Equal(["ada@example.org", "desk@example.org"], mail.SenderAddresses);
        Assert.Equal(
            ["bob@example.org", "carol@example.org", "dan@example.org", "eve@example.org"], mail.RecipientAddresses);
        Assert.Equal(["replies@example.org"], mail.ReplyToAddresses);
        Assert.Equal(new DateTimeOffset(2015, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)), mail.Date);
        Assert.Equal("Hello", mail.Subject);
        Assert.Equal("Text.", mail.Text);
        Assert.Equal(MailFlags.None, mail.Flags);
        Assert.Equal(9, mail.Headers.Count);
        Assert.Equal(new MailHeader("Subject", "Hello"), mail.Headers[^1]);
    }

    [Fact]
    public void ResentAndDeliveryFields_AreRecipientsAndSenders()
    {
        var mail = Parse(
            "From: a@example.org", "Resent-From: b@example.org", "Resent-To: C@example.org", "Resent-Cc: d@example.org",
            "Delivered-To: e@example.org", "X-Original-To: f@example.org", "", "x");
        Assert.Equal(["a@example.org", "b@example.org"], mail.SenderAddresses);
        Assert.Equal(["c@example.org", "d@example.org", "e@example.org", "f@example.org"], mail.RecipientAddresses);
    }

    [Theory]
    [InlineData("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße")]
    [InlineData("=?iso-8859-1?Q?Gr=FC=DFe?= =?utf-8?B?IGFuIGFsbGU=?=", "Grüße an alle")]
    [InlineData("folded\r\n\tover\r\n  lines", "folded over lines")]
    [InlineData("plain \u00fcnlabelled", "plain ünlabelled")]
    [InlineData("raw \u00c3\u00bc utf-8", "raw ü utf-8")]
    [InlineData("=?utf-8?b?Zm9vDQpCY2M6IHg=?=", "foo Bcc: x")]
    [InlineData("=?bogus?q?left_alone?=", "left alone")]
    [InlineData("tab\there", "tab here")]
    [InlineData("", "")]
    public void Subject_IsDecodedToOneLine(string written, string read) =>
        Assert.Equal(read, Parse($"Subject: {written}", "", "x").Subject);

    [Theory]
    [InlineData("<a@b>", "a@b")]
    [InlineData("  <a@b> (comment)", "a@b")]
    [InlineData("a@b", "a@b")]
    [InlineData("<no at>", "no at")]
    [InlineData("", "")]
    public void MessageId_LosesItsBrackets(string written, string read) =>
        Assert.Equal(read, Parse($"Message-ID: {written}", "", "x").MessageId);

    [Theory]
    [InlineData("undisclosed-recipients:;", "")]
    [InlineData("friends: a@example.org, B <b@example.org>;", "a@example.org b@example.org")]
    [InlineData("a@example.org,, ,b@example.org", "a@example.org b@example.org")]
    [InlineData("<<a@example.org>>", "a@example.org")]
    [InlineData("\"x@y\" <a@example.org>", "a@example.org")]
    [InlineData("a@example.org (b@example.org)", "a@example.org")]
    [InlineData("=?utf-8?q?J=C3=B6rg?= <a@b\u00c3\u00bccher.example>", "a@bücher.example")]
    [InlineData("just words", "")]
    public void Addresses_AreFound(string written, string read) =>
        Assert.Equal(read, string.Join(' ', Parse($"To: {written}", "", "x").RecipientAddresses));

    [Fact]
    public void FieldThatIsNoAddressList_StaysReadable() =>
        Assert.NotEmpty(Parse("From: @@@ ada at (((example", "", "x").From);

    [Theory]
    [InlineData(MailFlags.NoMessageId, "From: a@b.c", "Date: Fri, 2 Jan 2015 03:04:05 +0100")]
    [InlineData(MailFlags.NoDate, "From: a@b.c", "Message-ID: <a@b>", "Date: yesterday")]
    [InlineData(MailFlags.NoFrom, "Message-ID: <a@b>", "Date: Fri, 2 Jan 2015 03:04:05 +0100")]
    [InlineData(MailFlags.RepeatedHeader, "From: a@b.c", "From: d@e.f", "Message-ID: <a@b>", "Date: 2 Jan 2015 03:04:05 +0100")]
    [InlineData(MailFlags.BrokenHeader, "From: a@b.c", "no field", "Message-ID: <a@b>", "Date: 2 Jan 2015 03:04:05 +0100")]
    public void Oddity_IsFlagged(MailFlags flag, params string[] fields) =>
        Assert.Equal(flag, Parse([.. fields, "", "x"]).Flags);

    [Fact]
    public void BareLineEnds_AndNuls_AreFlagged()
    {
        const MailFlags both = MailFlags.BareLineEnds | MailFlags.NulBytes;
        Assert.Equal(MailFlags.None, Parse("Subject: x", "", "y").Flags & both);
        Assert.True(Parse("Subject: x", "", "a\nb").Flags.HasFlag(MailFlags.BareLineEnds));
        Assert.True(Parse("Subject: x", "", "a\rb").Flags.HasFlag(MailFlags.BareLineEnds));
        Assert.True(Parse("Subject: x", "", "a\0b").Flags.HasFlag(MailFlags.NulBytes));
        Assert.Equal(["bare-line-ends", "nul-bytes"], MailFlagNames.Of(both));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\r\n")]
    public void AnyLineEnd_IsRead(string end)
    {
        var mail = Parse(Encoding.ASCII.GetBytes(string.Join(end, "Subject: s", "From: a@b.c", "", "one", "two")));
        Assert.Equal(("s", "a@b.c", "one\ntwo"), (mail.Subject, mail.From, mail.Text));
    }

    [Theory]
    [InlineData("From ada Fri Jan  2 2015\r\nSubject: s\r\n\r\nbody")]
    [InlineData("\r\n\r\nSubject: s\r\n\r\nbody")]
    [InlineData("\u00ef\u00bb\u00bfSubject: s\r\n\r\nbody")]
    [InlineData("Subject: s\r\n \r\nbody")]
    [InlineData("Subject: s\r\nbody")]
    [InlineData("Received: x\r\n \r\nSubject: s\r\n\r\nbody")]
    [InlineData("junk\r\n more junk\r\nSubject : s\r\n\r\nbody")]
    public void UnusualBeginnings_AreRead(string raw)
    {
        var mail = Parse(raw);
        Assert.Equal(("s", "body"), (mail.Subject, mail.Text));
        Assert.False(mail.Flags.HasFlag(MailFlags.Unparsed));
    }

    [Fact]
    public void WhatIsNoMail_IsTextAndFlagged()
    {
        var mail = Parse("just a line", "and another");
        Assert.True(mail.Flags.HasFlag(MailFlags.Unparsed));
        Assert.Equal("just a line\nand another", mail.Text);
        Assert.True(Parse("").Flags.HasFlag(MailFlags.Unparsed));
        Assert.True(Parse("\r\n\r\n").Flags.HasFlag(MailFlags.Unparsed));
    }

    [Fact]
    public void PartOfABuffer_IsReadAsItIs()
    {
        var raw = Bytes("From: a@b.c", "Subject: s", "", "body");
        byte[] around = [.. "Subject: wrong\r\n"u8, .. raw, .. " behind"u8];
        var mail = MailParser.Read(around.AsMemory(16, raw.Length));
        Assert.Equal(("s", "body"), (mail.Subject, mail.Text));
    }
}
