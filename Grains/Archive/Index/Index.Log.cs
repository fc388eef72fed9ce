using AMA.Archive.Retention;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Index;

internal static partial class IndexLog
{
    [LoggerMessage(Level = LogLevel.Critical, Message = "A file of the index of {Part} is not what was written")]
    public static partial void FileDamaged(ILogger log, RetentionPart part, Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "Index of {Part} is damaged; it was put aside, and an empty one is filled from the log as far as Control lends the keys")]
    public static partial void Damaged(ILogger log, RetentionPart part, Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "Index of {Part} could not be written; it is opened again from its last commit")]
    public static partial void WriteFailed(ILogger log, RetentionPart part, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Index of {Part} was closed without its last additions; they are read again from the log")]
    public static partial void CloseFailed(ILogger log, RetentionPart part, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease for the index of {Part} ends and was not renewed: closing it")]
    public static partial void LeaseEnds(ILogger log, RetentionPart part);
}
