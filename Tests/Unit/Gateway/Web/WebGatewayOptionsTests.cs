using AMA.Adapters.Hosting;
using AMA.Gateway.Web;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Web;

public sealed class WebGatewayOptionsTests
{
    [Fact]
    public void Defaults_AreLoopbackAndRight()
    {
        var settings = Settings([]);
        var options = WebGatewayOptions.Read(settings);
        Assert.Equal(new Uri("http://127.0.0.1:8080"), options.Endpoint);
        Assert.Empty(settings.Problems);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://127.0.0.2:0")]
    [InlineData("http://localhost:8080")]
    [InlineData("http://[::1]:8080")]
    public void Threat_40_PlainHttpOnLoopback_IsAllowed(string endpoint)
    {
        var settings = Settings(new() { ["AMA:Web:Endpoint"] = endpoint });
        WebGatewayOptions.Read(settings);
        Assert.Empty(settings.Problems);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://[::]:8080")]
    [InlineData("http://192.0.2.1:8080")]
    [InlineData("http://0:8080")]
    [InlineData("http://10.0.0.1")]
    [InlineData("http://[::ffff:192.0.2.1]:8080")]
    public void Threat_40_PlainHttpOnAnyOtherAddress_IsRefused(string endpoint)
    {
        var settings = Settings(new() { ["AMA:Web:Endpoint"] = endpoint });
        WebGatewayOptions.Read(settings);
        Assert.Contains("plain HTTP", Assert.Single(settings.Problems));
    }

    [Theory]
    [InlineData("http://archive.test:8080")]
    [InlineData("http://localhost.evil.test")]
    public void Threat_40_Names_AreRefused_BecauseAResolverCouldAnswerAnything(string endpoint)
    {
        var settings = Settings(new() { ["AMA:Web:Endpoint"] = endpoint });
        WebGatewayOptions.Read(settings);
        Assert.Contains("IP address", Assert.Single(settings.Problems));
    }

    [Fact]
    public void Threat_40_HostRefusesToBuild_WhatValidationRefuses()
    {
        var options = new WebGatewayOptions { Endpoint = new("http://0.0.0.0:8080") };
        Assert.Throws<ArgumentException>(() => WebGatewayHost.Build(options, null!, _ => { }));
    }

    [Fact]
    public void AllProblems_AreToldAtOnce()
    {
        var settings = Settings(new()
        {
            ["AMA:Web:Endpoint"] = "https://0.0.0.0:8443",
            ["AMA:Web:SignInsPerMinuteMax"] = "none",
            ["AMA:Web:ConnectionsMax"] = "0",
        });
        WebGatewayOptions.Read(settings);
        Assert.Equal(3, settings.Problems.Count);
    }

    [Fact]
    public void MissingCertificateFile_IsAProblem()
    {
        var options = new WebGatewayOptions { Endpoint = new("https://0.0.0.0:8443"), Certificate = "none.pem" };
        Assert.Contains("none.pem", Assert.Single(options.Problems()));
    }

    private static SettingsReader Settings(Dictionary<string, string?> values) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
}
