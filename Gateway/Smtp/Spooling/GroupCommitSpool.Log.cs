using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Spooling;

internal sealed partial class GroupCommitSpool
{
    [LoggerMessage(1, LogLevel.Error, "A segment could not be made; its messages were put off")]
    private partial void LogFault(Exception fault);
}
