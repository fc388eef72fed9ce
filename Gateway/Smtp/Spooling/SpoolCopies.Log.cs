using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Spooling;

internal sealed partial class SpoolCopies
{
    [LoggerMessage(1, LogLevel.Error, "A spool store failed: {reason}")]
    private partial void LogStoreFailed(string reason, Exception fault);

    [LoggerMessage(2, LogLevel.Error, "A spool store has another segment under a new segment's random name")]
    private partial void LogNameTaken();

    [LoggerMessage(3, LogLevel.Warning, "A copy of a segment that was given up could not be deleted: {reason}")]
    private partial void LogNotDeleted(string reason);

    [LoggerMessage(4, LogLevel.Error, "A spool store takes no more mail until there is room: {reason}")]
    private partial void LogStoreFull(string reason);
}
