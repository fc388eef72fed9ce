using System.Text;
using AMA.Mail;
using Xunit;
using static AMA.Tests.Unit.Core.Mail.Letters;

namespace AMA.Tests.Unit.Core.Mail;

public class MailBodyTests
{
    [Fact]
    public void Alternative_ShowsThePlainText_AndIndexesTheOther()
    {
        var mail = Parse(
            "Content-Type: multipart/alternative; boundary=b", "", "preamble", "--b", "", "plain", "--b",
            "Content-Type: text/html", "", "<p>rich</p>", "--b--", "epilogue");
        Assert.Equal("plain", mail.Text);
        Assert.Equal("rich", mail.HiddenText);
        Assert.Empty(mail.Attachments);
    }

    [Fact]
    public void Alternative_WithBlankPlainText_ShowsTheHtml()
    {
        var mail = Parse(
            "Content-Type: multipart/alternative; boundary=\"b c\"", "", "--b c", "", "  ", "--b c  ",
            "Content-Type: multipart/related; boundary=d", "", "--d", "Content-Type: text/html", "",
            "<p>rich</p>", "--d",
            "Content-Type: image/png; name=x.png", "Content-Transfer-Encoding: base64", "", "AAAA", "--d--", "--b c--");
        Assert.Equal(("rich", ""), (mail.Text, mail.HiddenText));
        Assert.Equal(new MailAttachment("x.png", "image/png", 3), Assert.Single(mail.Attachments));
    }

    [Fact]
    public void Attachments_AreListed_AndTextOnesIndexed()
    {
        var mail = Parse(
            "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "see attached", "--b",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Disposition: attachment; filename*=utf-8''n%C3%B6tes.txt",
            "Content-Transfer-Encoding: quoted-printable", "", "k=C3=BChl", "--b",
            "Content-Type: application/pdf; name=\"C:/dir/../a b.pdf\"", "Content-Transfer-Encoding: base64", "",
            Convert.ToBase64String(new byte[1_000]), "--b--");
        Assert.Equal("see attached", mail.Text);
        Assert.Equal("kühl", mail.HiddenText);
        Assert.Equal([new("nötes.txt", "text/plain", 5), new("a b.pdf", "application/pdf", 1_000)], mail.Attachments);
    }

    [Fact]
    public void AttachedMessages_AreReadToo()
    {
        var inner = "From: inner@example.org\r\nSubject: =?utf-8?q?inn=C3=A9r?=\r\n\r\ninner text";
        var mail = Parse(
            "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: message/rfc822", "", inner, "--b",
            "Content-Type: message/rfc822; name=m.eml", "Content-Transfer-Encoding: base64", "",
            Convert.ToBase64String(Encoding.ASCII.GetBytes(inner.Replace("text", "again"))), "--b--");
        Assert.Contains("Subject: innér", mail.Text);
        Assert.Contains("inner text", mail.Text);
        Assert.Contains("inner again", mail.Text);
        Assert.Equal(["message/rfc822", "message/rfc822"], mail.Attachments.Select(a => a.ContentType));
        Assert.Empty(mail.SenderAddresses);
    }

    [Fact]
    public void Digest_HoldsMessages()
    {
        var mail = Parse(
            "Content-Type: multipart/digest; boundary=b", "", "--b", "", "Subject: one", "", "first", "--b--");
        Assert.Equal("Subject: one\nfirst", mail.Text);
    }

    [Theory]
    [InlineData("Content-Type: multipart/mixed; boundary=b", "", "nothing but text")]
    [InlineData("Content-Type: multipart/mixed", "", "nothing but text")]
    [InlineData("Content-Type: multipart/mixed; boundary=\"\"", "", "nothing but text")]
    [InlineData("Content-Type: multipart/mixed; boundary=b", "", "--b", "", "nothing but text")]
    public void BrokenMultipart_KeepsItsText_AndIsFlagged(params string[] lines)
    {
        var mail = Parse(lines);
        Assert.Equal("nothing but text", mail.Text);
        Assert.True(mail.Flags.HasFlag(MailFlags.BrokenMime));
    }

    [Fact]
    public void BoundaryThatBeginsLikeAnother_IsAnother()
    {
        var mail = Parse(
            "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: multipart/mixed; boundary=bb", "",
            "--bb", "", "inner", "--bb--", "--bx", "--b", "", "outer --b", "--b--");
        Assert.Equal("inner\nouter --b", mail.Text);
    }

    [Fact]
    public void OuterBoundary_EndsInnerParts()
    {
        var mail = Parse(
            "Content-Type: multipart/mixed; boundary=o", "", "--o", "Content-Type: multipart/mixed; boundary=i", "",
            "--i", "", "inner", "--o", "", "outer", "--o--");
        Assert.Equal("inner\nouter", mail.Text);
        Assert.True(mail.Flags.HasFlag(MailFlags.BrokenMime));
    }

    [Theory]
    [InlineData("utf-8", "\u00c3\u00bc", "ü", false)]
    [InlineData("iso-8859-15", "\u00a4", "€", false)]
    [InlineData("\"windows-1251\"", "\u00e4", "д", false)]
    [InlineData("koi8-r", "\u00c4", "д", false)]
    [InlineData("gb2312", "\u00d6\u00d0", "中", false)]
    [InlineData("iso-2022-jp", "\u001b$BEl\u001b(B", "東", false)]
    [InlineData("us-ascii", "\u00e4", "ä", false)]
    [InlineData("us-ascii", "\u00c3\u00a4", "ä", false)]
    [InlineData("cp-850", "\u0084", "ä", false)]
    [InlineData("x-unknown", "\u00e4", "ä", true)]
    [InlineData("utf-7", "\u00e4", "ä", true)]
    [InlineData("ISO-8859-8-I", "\u00e0", "א", false)]
    public void Charset_IsReadOrGuessed(string charset, string bytes, string text, bool unknown)
    {
        var mail = Parse($"Content-Type: text/plain; charset={charset}", "", bytes);
        Assert.Equal(text, mail.Text);
        Assert.Equal(unknown, mail.Flags.HasFlag(MailFlags.UnknownCharset));
    }

    [Theory]
    [InlineData("<p>one</p><p>two</p>", "one\ntwo")]
    [InlineData("a<br>b<td>c</td><td>d</td>", "a\nb c d")]
    [InlineData("fish &amp; chips &#228; &euro; &nosuch;", "fish & chips ä € &nosuch;")]
    [InlineData("<style>p{}</style>x<script>if (a<b) y</script>z<title>t</title>", "xz")]
    [InlineData("<b>bo</b>ld   and\r\n\tspaced", "bold and spaced")]
    [InlineData("<!-- not <b> seen -->seen", "seen")]
    [InlineData("unclosed <a href=x", "unclosed <a href=x")]
    [InlineData("a < b > c", "a < b > c")]
    public void Html_BecomesText(string html, string text) =>
        Assert.Equal(text, Parse("Content-Type: text/html", "", html).Text);

    [Fact]
    public void HtmlsOwnCharset_CountsWhenThePartNamesNone() => Assert.Equal("д", Parse(
        "Content-Type: text/html", "", "<meta http-equiv=x content='text/html; charset=koi8-r'>\u00c4").Text);

    [Theory]
    [InlineData("multipart/encrypted; boundary=b")]
    [InlineData("application/pkcs7-mime; smime-type=enveloped-data")]
    public void EncryptedContent_IsFlagged(string type) =>
        Assert.True(Parse($"Content-Type: {type}", "", "--b", "", "x", "--b--").Flags.HasFlag(MailFlags.Encrypted));

    [Fact]
    public void Report_IsText() => Assert.Contains("Action: failed", Parse(
        "Content-Type: multipart/report; boundary=b", "", "--b", "Content-Type: message/delivery-status", "",
        "Reporting-MTA: dns; x", "", "Action: failed", "--b--").Text);
}
