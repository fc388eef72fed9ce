using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Hosting;

/// <summary>A door of its own, closed unless it is opened, and to others only with a token inside TLS.</summary>
public sealed class MetricsTests : IDisposable
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    private readonly string _tokenFile = Path.GetTempFileName();

    public MetricsTests() => File.WriteAllText(_tokenFile, $"{Token}\n");

    public void Dispose() => File.Delete(_tokenFile);

    [Fact]
    public async Task Off_NothingListens()
    {
        await using var listener = await MetricsListener.StartAsync(new(), Quiet);
        Assert.Null(listener.Address);
    }

    [Fact]
    public async Task Endpoint_AnswersMetersInPrometheusForm_AndNothingElse()
    {
        await using var listener = await MetricsListener.StartAsync(
            new() { Endpoint = new("http://127.0.0.1:0") }, Quiet);
        using var meter = new Meter(MeterNames.Smtp);
        meter.CreateCounter<long>("ama.test.things").Add(3, new KeyValuePair<string, object?>("tenant", "none"));
        meter.CreateObservableGauge("ama.test.age", () => 4.5, "s");
        using var http = new HttpClient { BaseAddress = listener.Address };
        var text = await http.GetStringAsync("metrics");
        Assert.Contains("ama_test_things_total{", text);
        Assert.Contains("tenant=\"none\"", text);
        Assert.Contains("ama_test_age_seconds", text);
        Assert.Contains("dotnet_", text);
        foreach (var path in new[] { "", "metricsx", "metrics/x", "v1/status" })
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task Threat_40_WithATokenFile_NobodyReadsWithoutIt()
    {
        await using var listener = await MetricsListener.StartAsync(
            new() { Endpoint = new("http://127.0.0.1:0"), TokenFile = _tokenFile }, Quiet);
        using var http = new HttpClient { BaseAddress = listener.Address };
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("metrics")).StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"{Token[1..]}0");
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("metrics")).StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("metrics")).StatusCode);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9464", false, true)]
    [InlineData("http://[::1]:9464", false, true)]
    [InlineData("http://192.0.2.1:9464", false, false)]
    [InlineData("http://192.0.2.1:9464", true, false)]
    [InlineData("http://0.0.0.0:9464", true, false)]
    [InlineData("https://192.0.2.1:9464", true, false)] // without a certificate
    [InlineData("http://metrics.example:9464", false, false)]
    [InlineData("ftp://127.0.0.1", false, false)]
    public void Threat_40_AddressOthersCanReach_IsRefusedInTheClear(string endpoint, bool token, bool good)
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AMA:Metrics:Endpoint"] = endpoint, ["AMA:Metrics:TokenFile"] = token ? _tokenFile : null,
        }).Build());
        MetricsOptions.Read(settings);
        Assert.Equal(good, settings.Problems.Count == 0);
    }

    [Fact]
    public void Https_NeedsTokenAndCertificate_ForOthers()
    {
        var whole = new MetricsOptions
        {
            Endpoint = new("https://192.0.2.1:9464"), Certificate = _tokenFile, TokenFile = _tokenFile,
        };
        Assert.Empty(whole.Problems());
        Assert.NotEmpty((whole with { TokenFile = null }).Problems());
        Assert.NotEmpty((whole with { Certificate = null }).Problems());
        File.WriteAllText(_tokenFile, Token[1..]);
        Assert.Contains("32", Assert.Single(whole.Problems()));
    }

    [Fact]
    public void Labels_BeyondTheLimit_AreOneRow()
    {
        var labels = new SourceLabels(max: 2);
        var (one, two, three) = (new Guid(1, 0, 0, new byte[8]), new Guid(2, 0, 0, new byte[8]), new Guid(3, 0, 0, new byte[8]));
        Assert.Equal(new SourceLabel(one.ToString("N"), "none"), labels.Of(one, null));
        Assert.Equal(new SourceLabel(one.ToString("N"), two.ToString("N")), labels.Of(one, two));
        Assert.Equal(SourceLabel.Other, labels.Of(one, three));
        Assert.Equal(SourceLabel.Other, labels.Of(three, one));
        Assert.Equal(one.ToString("N"), labels.Of(one, Guid.Empty).Tenant);
    }

    private static void Quiet(ILoggingBuilder logging)
    {
    }
}
