using AMA.Archive.Retention;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Ingest;

internal static partial class IngestLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The parser failed on record {RecNo} of segment {Segment} ({Fault}); it is archived unparsed")]
    public static partial void ParserFailed(ILogger log, Guid segment, uint recNo, string fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Batch {Batch} of {Part} is committed and will be indexed later: {Fault}: {Reason}")]
    public static partial void IndexLater(ILogger log, RetentionPart part, ulong batch, string fault, string reason);
}
