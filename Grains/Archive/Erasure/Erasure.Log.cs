using AMA.Archive.Ids;
using AMA.Archive.Retention;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Erasure;

internal static partial class ErasureLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Archive {Tenant}: an erasure waits and is tried again: {Fault}: {Reason}")]
    public static partial void Waits(ILogger log, TenantId tenant, string fault, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The index of {Part} was written anew without what was erased")]
    public static partial void Rewritten(ILogger log, RetentionPart part);
}
