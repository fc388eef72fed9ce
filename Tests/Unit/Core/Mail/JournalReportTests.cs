using AMA.Mail;
using Xunit;
using static AMA.Tests.Unit.Core.Mail.Letters;

namespace AMA.Tests.Unit.Core.Mail;

/// <summary>What Exchange journals: a report around the mail, with a Message-ID of its own.</summary>
public sealed class JournalReportTests
{
    private static readonly string[] Head =
    [
        "From: <journaling@acme.example>", "To: <journal@archive.example>", "Message-ID: <report-1@acme.example>",
        "X-MS-Journal-Report:", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=\"b\"", "",
    ];

    private static readonly string[] Said =
    [
        "--b", "Content-Type: text/plain; charset=us-ascii", "", "Sender: ada@acme.example", "Subject: Harbour",
        "Message-ID: <said@acme.example>", "Recipient: bob@acme.example, Expanded: all@acme.example", "",
    ];

    private static readonly string[] Carried =
    [
        "--b", "Content-Type: message/rfc822", "", "From: ada@acme.example", "Message-Id: <inner@acme.example>",
        "Subject: Harbour", "", "body", "--b--",
    ];

    [Fact]
    public void Report_IsKnownByItsOwnIdAndThatOfTheMailInside()
    {
        var mail = Parse([.. Head, .. Said, .. Carried]);
        Assert.Equal(("report-1@acme.example", "inner@acme.example"), (mail.MessageId, mail.JournaledId));
    }

    [Theory]
    [InlineData("Message-ID: <said@acme.example>")]
    [InlineData("message-id:said@acme.example")]
    public void MailInsideThatCannotBeRead_IsKnownByWhatTheReportSays(string line)
    {
        var said = Said.Select(one => one.StartsWith("Message-ID", StringComparison.Ordinal) ? line : one);
        Assert.Equal("said@acme.example", Parse([.. Head, .. said, "--b--"]).JournaledId);
        var encrypted = new[] { "--b", "Content-Type: message/rfc822", "", "", "no header at all", "--b--" };
        Assert.Equal("said@acme.example", Parse([.. Head, .. said, .. encrypted]).JournaledId);
    }

    /// <summary>Whoever may send may say what he likes about his own mail, and nothing about another's.</summary>
    [Fact]
    public void MarkInsideAnotherMail_MakesNoReport()
    {
        var forwarded = Parse(
        [
            "From: eve@else.example", "Message-ID: <outer@else.example>", "Content-Type: multipart/mixed; boundary=o", "",
            "--o", "Content-Type: message/rfc822", "", .. Head, .. Said, .. Carried, "--o--",
        ]);
        Assert.Equal(("outer@else.example", ""), (forwarded.MessageId, forwarded.JournaledId));
        var plain = Parse("Message-ID: <plain@else.example>", "", "X-MS-Journal-Report:", "Message-ID: <forged@else.example>");
        Assert.Equal("", plain.JournaledId);
    }

    /// <summary>Cut anywhere: an id of the report's or none, and never a fault.</summary>
    [Fact]
    public void Report_CutAnywhere_IsRead()
    {
        var whole = Bytes([.. Head, .. Said, .. Carried]);
        for (var length = 0; length <= whole.Length; length++)
            Assert.DoesNotContain('<', Parse(whole[..length]).JournaledId);
        Assert.Equal("", Parse([.. Head, "--b", "", Repeat("Message-ID\n", 100_000), "--b--"]).JournaledId);
    }
}
