using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AMA.Gateway.Web;

/// <summary>Builds the REST gateway. The caller starts and stops it; signals are the caller's business.</summary>
public static class WebGatewayHost
{
    /// <summary>
    /// A gateway that listens once started; <see cref="WebApplication.Urls"/> then tells the real port. It may be
    /// started before either cluster is up: until they connect, what needs them answers 503.
    /// </summary>
    public static WebApplication Build(WebGatewayOptions options, WebGatewayParts parts)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(parts.Time).AddRoutingCore();
        parts.Logging(builder.Logging);
        builder.WebHost.UseKestrelCore().UseUrls(options.Endpoint.ToString());
        return builder.Build();
    }
}
