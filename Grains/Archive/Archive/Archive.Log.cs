using AMA.Archive.Ids;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Archive;

internal static partial class ArchiveLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Archive {Tenant}: the index lacks messages and is not asked for copies: {Reason}")]
    public static partial void IndexNotLevel(ILogger log, TenantId tenant, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Archive {Tenant}: the snapshot can't be read; reading the whole log instead")]
    public static partial void SnapshotUnreadable(ILogger log, TenantId tenant);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Archive {Tenant}: Backup has batches below {BackedUp} of {Next}; trying on: {Reason}")]
    public static partial void BackupBehind(ILogger log, TenantId tenant, ulong backedUp, ulong next, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Archive {Tenant}: a write failed; the archive is loaded again from its log")]
    public static partial void WriteFailed(ILogger log, TenantId tenant, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Archive {Tenant}: {Fault} while tending ({Reason}); trying again")]
    public static partial void TendFailed(ILogger log, TenantId tenant, string fault, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Archive {Tenant}: the lease was not renewed; it ends in {Remaining}")]
    public static partial void NotRenewed(ILogger log, TenantId tenant, TimeSpan remaining);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Archive {Tenant}: not all could be put away at the stop; the next start reads more of the log")]
    public static partial void StopIncomplete(ILogger log, TenantId tenant, Exception fault);
}
