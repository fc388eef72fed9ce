using System.Text;
using AMA.Mail;
using Xunit;
using static AMA.Tests.Unit.Core.Mail.Letters;

namespace AMA.Tests.Unit.Core.Mail;

/// <summary>
/// Mail made to stop the reader (threats.md §0). The limits here are generous multiples of what it takes on a quiet
/// machine: each input took seconds, gigabytes or the process without them.
/// </summary>
public class HostileMailTests
{
    private const string Html = "Content-Type: text/html\r\n\r\n";
    private const string Mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";

    /// <summary>
    /// Processor time and bytes that one message may take; the memory is that of a thread's allocations.
    /// </summary>
    private static ParsedMail Measured(string raw, double secondsMax = 10, long megabytesMax = 300)
    {
        var bytes = Encoding.Latin1.GetBytes(raw);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var timer = TimeProvider.System.GetTimestamp();
        var mail = Parse(bytes);
        var seconds = TimeProvider.System.GetElapsedTime(timer).TotalSeconds;
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - allocated) >> 20, 0, megabytesMax);
        Assert.InRange(seconds, 0, secondsMax);
        return mail;
    }

    private static void AssertPartly(ParsedMail mail) => Assert.True(mail.Flags.HasFlag(MailFlags.PartlyIndexed));

    [Fact]
    public void Threat_14_AMillionEmptyParts_AreCutOff() =>
        AssertPartly(Measured(Mixed + Repeat("--b\r\n\r\n", 1_000_000), megabytesMax: 30));

    [Fact]
    public void Threat_14_AMillionHeaders_AreCutOff()
    {
        var mail = Measured(Repeat("A: b\r\n", 1_000_000) + "\r\nbody", megabytesMax: 60);
        AssertPartly(mail);
        Assert.Equal(MailLimits.HeadersPerPartMax, mail.Headers.Count);
        Assert.Equal("body", mail.Text);
    }

    [Fact]
    public void Threat_06_HugeHeader_IsCutOff_AndTheRestIsRead()
    {
        var mail = Measured($"Subject: {new string('a', 20 << 20)}\r\nFrom: a@b.c\r\n\r\nbody", megabytesMax: 10);
        AssertPartly(mail);
        Assert.Equal("body", mail.Text);
    }

    [Fact]
    public void Threat_06_HugeHeaderOfAPart_IsCutOff() =>
        AssertPartly(Measured(
            $"{Mixed}--b\r\nContent-Type: text/plain; a={new string('a', 20 << 20)}\r\n\r\nbody\r\n--b--", megabytesMax: 10));

    [Theory]
    [InlineData("To", "a@b,")]
    [InlineData("To", "(")]
    [InlineData("To", "a:")]
    [InlineData("From", "<@a,")]
    [InlineData("Subject", "=?utf-8?q?a?= ")]
    [InlineData("Subject", "=?x?q?")]
    [InlineData("Content-Type", "text/plain;a*0=b;")]
    [InlineData("Content-Disposition", "x;filename*1=b;")]
    public void Threat_06_FieldsOfNestedOrRepeatedSyntax_AreRead(string field, string piece) =>
        Measured(Repeat($"{field}: {Repeat(piece, 60_000 / piece.Length)}\r\n", 4) + "\r\nbody");

    [Fact]
    public void Threat_14_ManyPartsWithLongFields_StayCheap() => AssertPartly(Measured(
        Mixed + Repeat($"--b\r\nContent-Type: text/plain; {Repeat("a*1=b;", 1_300)}\r\n\r\n\r\n", 3_000)));

    [Fact]
    public void Threat_19_NestedMultiparts_AreCutOff()
    {
        AssertPartly(Measured(string.Concat(Enumerable.Range(0, 20_000)
            .Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n"))));
        AssertPartly(Measured(Mixed + Repeat($"--b\r\n{Mixed}", 20_000)));
    }

    [Fact]
    public void Threat_19_NestedMessages_AreCutOff()
    {
        AssertPartly(Measured(Repeat("Content-Type: message/rfc822\r\n\r\n", 20_000)));
        var message = "Subject: x\r\n\r\nhello";
        while (message.Length < 30 << 20)
            message = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + Convert.ToBase64String(Encoding.Latin1.GetBytes(message));
        AssertPartly(Measured(message));
    }

    [Theory]
    [InlineData("<div>", 200_000)]
    [InlineData("<b id=i><p>", 90_000)]
    [InlineData("<", 1_000_000)]
    [InlineData("</", 500_000)]
    [InlineData("<!--", 250_000)]
    [InlineData("<![CDATA[", 100_000)]
    [InlineData("&", 1_000_000)]
    [InlineData("&#x", 300_000)]
    [InlineData("<a b ", 200_000)]
    [InlineData("<script><!--<script ", 50_000)]
    public void Threat_21_HostileHtml_IsReadInOneGo(string piece, int times) =>
        Measured(Html + Repeat(piece, times));

    [Fact]
    public void Threat_21_MuchHtml_IsCutOff() =>
        AssertPartly(Measured(Mixed + Repeat($"--b\r\n{Html}{Repeat("<b>x</b>", 100_000)}\r\n", 20)));

    [Fact]
    public void LongText_IsCutOff()
    {
        var mail = Measured("Subject: x\r\n\r\n" + Repeat("some words in a line\r\n", 1_000_000));
        AssertPartly(mail);
        Assert.InRange(mail.Text.Length, 1 << 20, MailLimits.TextCharsMax);
    }

    [Fact]
    public void AnyBytes_AreRead()
    {
        const int seed = 6;
        const string alphabet =
            "\r\n\r\n :-=?bB\"<>@.,;()utf8q--b\r\n\r\nContent-Type: multipart/mixed; boundary=b\r\nTo: From ";
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var raw = new byte[random.Next(300)];
            for (var j = 0; j < raw.Length; j++)
                raw[j] = random.Next(10) == 0 ? (byte)random.Next(256) : (byte)alphabet[random.Next(alphabet.Length)];
            Parse(raw);
        }
    }
}
