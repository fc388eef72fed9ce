using AMA.Archive.Ids;
using AMA.Gateway.Cli;
using AMA.Gateway.Cli.Sending;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

public sealed class SendPartsTests
{
    private const string Digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    [Theory]
    [InlineData("127.0.0.1:2525", "127.0.0.1", 2525, true)]
    [InlineData("[::1]:25", "::1", 25, true)]
    [InlineData("localhost:1", "localhost", 1, true)]
    [InlineData("mail.example.test:465", "mail.example.test", 465, false)]
    [InlineData("192.0.2.1:25", "192.0.2.1", 25, false)]
    public void ServerAddress_Read(string text, string host, int port, bool thisMachine)
    {
        var address = SmtpAddress.Parse(text);
        Assert.Equal((host, port, thisMachine), (address.Host, address.Port, address.IsThisMachine));
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData(":25")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:+5")]
    [InlineData("::1:25")]
    [InlineData("a b:25")]
    [InlineData("[host]:25")]
    public void ServerAddress_Refused(string text) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(() => SmtpAddress.Parse(text)).Code);

    [Theory]
    [InlineData("no-at")]
    [InlineData("a@b>\r\nRCPT TO:<c@d")]
    [InlineData("a@b\0")]
    [InlineData("a b@c")]
    public void Threat_23_AddressThatBreaksOutOfItsCommand_IsRefused(string address) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(() => SendOrder.CheckAddress(address)).Code);

    [Fact]
    public void Retries_DoubleUpTo30Seconds_AndEnd()
    {
        var schedule = new RetrySchedule(9, new ConstantRandom(0));
        var waits = Enumerable.Range(0, 10).Select(schedule.After).ToArray();
        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30, 30], waits[..9].Select(wait => wait!.Value.TotalSeconds));
        Assert.Null(waits[9]);
    }

    [Fact]
    public void Retries_AreShortenedByLessThanHalf()
    {
        var wait = new RetrySchedule(1, new ConstantRandom(255)).After(0)!.Value.TotalSeconds;
        Assert.InRange(wait, 0.25, 0.26);
        Assert.Null(new RetrySchedule(0, new ConstantRandom(0)).After(0));
    }

    [Fact]
    public void Receipt_IsOneLineOfFourFields()
    {
        Assert.Equal($"a.eml\t{Digest}\tdelivered\treceipt",
            ReceiptFile.Line(new("a.eml", Digest, OutcomeKind.Delivered, "receipt")));
        Assert.Equal($"a\\tb\\n\\\\c.eml\t{Digest}\trefused\t550 5.1.1\\r\\nno",
            ReceiptFile.Line(new("a\tb\n\\c.eml", Digest, OutcomeKind.Refused, "550 5.1.1\r\nno")));
        Assert.Equal($"x\t{Digest}\tput-off\t451", ReceiptFile.Line(new("x", Digest, OutcomeKind.PutOff, "451")));
    }

    [Fact]
    public void ReceiptFile_AddsLines_AndGivesBackWhatWasDelivered()
    {
        var path = Path.GetTempFileName();
        using (var file = new ReceiptFile(path)) file.Add(new("a\tb.eml", Digest, OutcomeKind.Delivered, "r1"));
        using (var file = new ReceiptFile(path)) file.Add(new("c.eml", Digest, OutcomeKind.Refused, "550"));
        File.AppendAllText(path, $"torn.eml\t{Digest}\tdelive");
        Assert.Equal(3, File.ReadAllLines(path).Length);
        Assert.Equal([("a\\tb.eml", Digest)], ReceiptFile.ReadDelivered(path));
        File.Delete(path);
        Assert.Empty(ReceiptFile.ReadDelivered(path));
    }

    [Fact]
    public void ExitCode_RefusedWeighsMoreThanPutOff()
    {
        var tally = new SendTally();
        tally.Add(OutcomeKind.Delivered, 10);
        tally.Add(OutcomeKind.Skipped, 0);
        Assert.Equal(ExitCode.Ok, SendSummary.CodeOf(tally));
        tally.Add(OutcomeKind.PutOff, 10);
        Assert.Equal(ExitCode.TryAgain, SendSummary.CodeOf(tally));
        tally.Add(OutcomeKind.Refused, 10);
        Assert.Equal(ExitCode.Failure, SendSummary.CodeOf(tally));
        Assert.Equal(
            """{"delivered":1,"refused":1,"putOff":1,"skipped":1,"unsent":0,"known":0,"bytes":10,"seconds":2}""",
            SendSummary.Of(tally, TimeSpan.FromSeconds(2), json: true));
        Assert.StartsWith("1 delivered, 1 refused, 1 put off, 1 skipped in 2.0 s (0.5 messages/s",
            SendSummary.Of(tally, TimeSpan.FromSeconds(2), json: false));
    }

    [Fact]
    public void Trust_NonsenseIsRefused()
    {
        var server = SmtpAddress.Parse("127.0.0.1:2525");
        foreach (var choice in (TrustChoice[])[new("12:34", null, false), new(null, "no-such.pem", false)])
            Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(() => choice.Resolve(server, "none")).Code);
    }

    [Fact]
    public void Trust_DataDirectoryCountsForThisMachineOnly()
    {
        var data = Directory.CreateTempSubdirectory("ama-trust-").FullName;
        Directory.CreateDirectory(Path.Combine(data, "tls"));
        using var certificate = FakeSmtp.NewCertificate();
        File.WriteAllText(Path.Combine(data, "tls", "smtp.pem"), certificate.ExportCertificatePem());
        var choice = new TrustChoice(null, null, false);
        var system = choice.Resolve(SmtpAddress.Parse("192.0.2.1:25"), data);
        Assert.Same(system, choice.Resolve(SmtpAddress.Parse("127.0.0.1:25"), "no-such-directory"));
        Assert.NotSame(system, choice.Resolve(SmtpAddress.Parse("127.0.0.1:25"), data));
        Directory.Delete(data, recursive: true);
    }

    private sealed class ConstantRandom(byte value) : IRandom
    {
        public void Fill(Span<byte> destination) => destination.Fill(value);
    }
}
