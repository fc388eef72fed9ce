using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Link;

internal sealed partial class GatewayLink
{
    [LoggerMessage(1, LogLevel.Warning, "No news from the back end ({kind}: {reason}); what is known stays in force")]
    private partial void LogNoNews(string kind, string reason);

    [LoggerMessage(2, LogLevel.Information, "Enrolled as gateway {gateway} until {end}")]
    private partial void LogEnrolled(Guid gateway, DateTime end);

    [LoggerMessage(3, LogLevel.Warning, "The gateway's certificate was not renewed, the old one serves on: {reason}")]
    private partial void LogNotRenewed(string reason);

    [LoggerMessage(4, LogLevel.Information, "Directory {version}: {addresses} addresses, {keys} queue keys")]
    private partial void LogLearned(long version, int addresses, int keys);
}
