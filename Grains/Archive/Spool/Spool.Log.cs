using AMA.Archive.Ids;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Spool;

internal static partial class SpoolLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Archive {Tenant} doesn't answer the spool: {Reason}")]
    public static partial void ArchiveSilent(ILogger log, TenantId tenant, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Segment {Segment}: one store's copy can't be used: {Reason}")]
    public static partial void CopyUnusable(ILogger log, SegmentId segment, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Gateway {Gateway}: segment {Last} is missing, and with it any of {First} to {Last} that was not given up: mail that was accepted is in no store. A person must look for it")]
    public static partial void NumbersMissing(ILogger log, Guid gateway, ulong first, ulong last);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Gateway {Gateway}: segment {Number} was missing and has turned up")]
    public static partial void NumberFound(ILogger log, Guid gateway, ulong number);

    [LoggerMessage(Level = LogLevel.Error, Message = "What was known of the gateways' rows is lost or unreadable: segments missing from before now are not noticed")]
    public static partial void RowsLost(ILogger log);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Segment {Segment} is in quarantine: no copy of it opens. A person must look at it")]
    public static partial void Quarantined(ILogger log, SegmentId segment, Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "Segment {Segment} can't be read now and waits: {Reason}")]
    public static partial void SegmentWaits(ILogger log, SegmentId segment, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A spool store can't be listed: {Reason}")]
    public static partial void StoreAway(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The spool waits: {Reason}")]
    public static partial void Waiting(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reading the spool failed; trying again")]
    public static partial void PumpFailed(ILogger log, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Records} records of tenant {Tenant} wait: {Fault}: {Reason}")]
    public static partial void MailboxRests(ILogger log, TenantId tenant, int records, string fault, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Segment {Segment} is archived but could not be taken out of the spool yet: {Reason}")]
    public static partial void NotFinished(ILogger log, SegmentId segment, string reason);
}
