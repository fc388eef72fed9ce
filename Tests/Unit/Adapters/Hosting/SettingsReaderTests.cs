using System.Net;
using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Programs;
using AMA.Archive.Ids;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Hosting;

public class SettingsReaderTests
{
    [Fact]
    public void Nothing_GivesDefaultsAndNoProblem()
    {
        var settings = Reader();
        Assert.Equal("x", settings.Text("AMA:A", "x"));
        Assert.Equal(7, settings.Number("AMA:B", 7, 1, 9));
        Assert.True(settings.Flag("AMA:C", true));
        Assert.Equal(25, settings.Endpoint("AMA:D", new IPEndPoint(IPAddress.Loopback, 25)).Port);
        Assert.Equal(["p", "q"], settings.List("AMA:E", ["p", "q"]));
        Assert.Equal(Region.Us, settings.Region("AMA:F", Region.Us));
        Assert.Null(settings.OptionalText("AMA:G"));
        Assert.Empty(settings.Problems);
    }

    [Fact]
    public void Values_AreRead()
    {
        var settings = Reader(
            ("AMA:B", "9"), ("AMA:C", "False"), ("AMA:D", "[::1]:2525"), ("AMA:E:0", "one"), ("AMA:E:1", "two"),
            ("AMA:F", "us"), ("AMA:G", " text "), ("AMA:H", "one, two"), ("AMA:I", "http://127.0.0.1:8080"));
        Assert.Equal(9, settings.Number("AMA:B", 7, 1, 9));
        Assert.False(settings.Flag("AMA:C", true));
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 2525), settings.Endpoint("AMA:D", new(0, 1)));
        Assert.Equal(["one", "two"], settings.List("AMA:E", []));
        Assert.Equal(Region.Us, settings.Region("AMA:F", Region.Eu));
        Assert.Equal("text", settings.OptionalText("AMA:G"));
        Assert.Equal(["one", "two"], settings.List("AMA:H", []));
        Assert.Equal(8080, settings.Url("AMA:I", new Uri("http://x")).Port);
        Assert.Empty(settings.Problems);
        settings.RefuseUnknownKeys();
        Assert.Empty(settings.Problems);
    }

    [Fact]
    public void SecondSiloOfEitherCluster_IsRefused_WithASentence()
    {
        var settings = Reader(("AMA:Cluster:Production:Primary", "127.0.0.1:7511"));
        ClusterSettings.Production(settings);
        Assert.Contains("one archive silo", Assert.Single(settings.Problems));
        var control = Reader(("AMA:Cluster:Control:Primary", "127.0.0.1:7501"));
        ClusterSettings.Control(control);
        Assert.Contains("one process", Assert.Single(control.Problems));
    }

    [Theory]
    [InlineData("10")]
    [InlineData("0")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    [InlineData("seven")]
    public void WrongNumber_IsAProblemThatSaysKeyValueAndRange(string value)
    {
        var settings = Reader(("AMA:B", value));
        Assert.Equal(7, settings.Number("AMA:B", 7, 1, 9));
        Assert.Equal(
            $"AMA:B is \"{value}\": a whole number from 1 to 9 is allowed (default 7).",
            Assert.Single(settings.Problems));
    }

    [Theory]
    [InlineData("localhost:25")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("127.0.0.1:70000")]
    [InlineData(":25")]
    public void WrongEndpoint_IsAProblem(string value)
    {
        var settings = Reader(("AMA:D", value));
        settings.Endpoint("AMA:D", new(IPAddress.Loopback, 2525));
        Assert.Contains("127.0.0.1:2525", Assert.Single(settings.Problems));
    }

    [Theory]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("http://127.0.0.1/path")]
    [InlineData("http://user:pass@127.0.0.1")]
    public void WrongUrl_IsAProblem(string value)
    {
        var settings = Reader(("AMA:I", value));
        settings.Url("AMA:I", new Uri("http://127.0.0.1:8080"));
        Assert.Single(settings.Problems);
    }

    [Fact]
    public void AllProblems_AreCollected_AndUnknownKeysAreAmongThem()
    {
        var settings = Reader(
            ("AMA:B", "x"), ("AMA:C", "maybe"), ("AMA:F", "mars"), ("AMA:H", "a,,b"), ("AMA:Leese:TtlSeconds", "5"),
            ("Logging:LogLevel", "x"));
        settings.Number("AMA:B", 7, 1, 9);
        settings.Flag("AMA:C", false);
        settings.Region("AMA:F", Region.Eu);
        settings.List("AMA:H", ["d"]);
        Assert.Equal(4, settings.Problems.Count);
        settings.RefuseUnknownKeys();
        Assert.Equal("AMA:Leese:TtlSeconds is no setting of AMA: check its spelling.", settings.Problems[^1]);
        Assert.Equal(5, settings.Problems.Count);
    }

    [Theory]
    [InlineData("AMA:OperatorToken")]
    [InlineData("AMA:Db:Password")]
    [InlineData("AMA:Pkcs11:Pin")]
    public void Secrets_AreNotShown(string key)
    {
        var settings = Reader((key, "hunter2"));
        settings.Number(key, 1, 1, 1);
        Assert.DoesNotContain("hunter2", Assert.Single(settings.Problems));
        Assert.Contains("[redacted]", settings.Problems[0]);
    }

    private static SettingsReader Reader(params (string Key, string Value)[] values) => new(
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
            .Build());
}
