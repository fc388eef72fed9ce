using AMA.Adapters.Hosting;
using AMA.Gateway.Smtp;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class SmtpGatewayOptionsTests
{
    [Fact]
    public void NothingSet_IsTheDefaults()
    {
        var (options, problems) = Read();
        Assert.Equal(new SmtpGatewayOptions(), options);
        Assert.Empty(problems);
    }

    [Fact]
    public void AllProblems_AreToldAtOnce()
    {
        var (_, problems) = Read(
            ("AMA:Smtp:Endpoint", "everywhere"), ("AMA:Smtp:MessageBytesMax", "-1"),
            ("AMA:Smtp:HostName", "a\r\n250 b"), ("AMA:Spool:CopiesRequired", "two"),
            ("AMA:Smtp:ProxyFrom", "the balancer"), ("AMA:Smtp:OtherRegionDomains", "us"));
        Assert.Equal(6, problems.Count);
        Assert.All(["Endpoint", "MessageBytesMax", "HostName", "CopiesRequired", "ProxyFrom", "OtherRegionDomains"],
            key => Assert.Contains(problems, problem => problem.Contains(key)));
    }

    [Fact]
    public void EverySetting_IsRead()
    {
        var (options, problems) = Read(
            ("AMA:Smtp:Endpoint", "0.0.0.0:25"), ("AMA:Smtp:ImplicitTlsEndpoint", "[::1]:465"),
            ("AMA:Smtp:Certificate", "/etc/ama/smtp.pem"), ("AMA:Smtp:HostName", "mx.archive.example"),
            ("AMA:Smtp:MessageBytesMax", "1000000"), ("AMA:Smtp:RecipientsMax", "200"), ("AMA:Smtp:IdleSeconds", "60"),
            ("AMA:Smtp:HandshakeSecondsMax", "5"), ("AMA:Smtp:ConnectionsMax", "7"), ("AMA:Smtp:ErrorsMax", "8"),
            ("AMA:Smtp:HeldBytesMax", "1048577"), ("AMA:Smtp:DirectoryAgeSecondsMax", "9"),
            ("AMA:Smtp:StopSecondsMax", "11"), ("AMA:Smtp:OtherRegionDomains", "journal-us.example"), ("AMA:Smtp:Certificates", "a.pem,b.pem"),
            ("AMA:Smtp:ClientCertificates", "false"), ("AMA:Smtp:ProxyFrom", "192.0.2.0/28,2001:db8::/64"),
            ("AMA:Smtp:ConnectionsPerAddressMax", "5"), ("AMA:Smtp:SessionSeconds", "600"),
            ("AMA:Smtp:MinimumBytesPerSecond", "10"), ("AMA:Smtp:CommandsMax", "300"),
            ("AMA:Smtp:TarpitSecondsMax", "3"), ("AMA:Smtp:BannerDelayMilliseconds", "200"),
            ("AMA:Spool:CopiesRequired", "1"), ("AMA:Spool:FreePercentMin", "10"), ("AMA:Spool:StoreSecondsMax", "12"));
        Assert.Empty(problems);
        var defaults = new SmtpGatewayOptions();
        foreach (var property in typeof(SmtpGatewayOptions).GetProperties())
            Assert.NotEqual(property.GetValue(defaults), property.GetValue(options));
    }

    private static (SmtpGatewayOptions Options, IReadOnlyList<string> Problems) Read(params (string, string?)[] values)
    {
        var pairs = values.Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2));
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(pairs).Build());
        return (SmtpGatewayOptions.Read(settings), settings.Problems);
    }
}
