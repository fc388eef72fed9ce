using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Sessions;

internal sealed partial class SmtpSession
{
    [LoggerMessage(1, LogLevel.Debug, "No TLS with {client}: {reason}")]
    private partial void LogNoTls(string client, string reason);

    [LoggerMessage(2, LogLevel.Debug, "{client} has gone: {reason}")]
    private partial void LogGone(string client, string reason);

    [LoggerMessage(3, LogLevel.Error, "A session with {client} failed; it was told to try again")]
    private partial void LogFault(string client, Exception fault);
}
