using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Link;

internal sealed partial class GatewayLink
{
    [LoggerMessage(1, LogLevel.Warning, "No news from the back end ({kind}: {reason}); what is known stays in force")]
    private partial void LogNoNews(string kind, string reason);

    [LoggerMessage(2, LogLevel.Information, "Signing as gateway {gateway} until {end}")]
    private partial void LogEnrolled(string gateway, DateTimeOffset end);

    [LoggerMessage(4, LogLevel.Information, "Directory {version}: {tenants} tenants, {keys} queue keys")]
    private partial void LogLearned(long version, int tenants, int keys);
}
