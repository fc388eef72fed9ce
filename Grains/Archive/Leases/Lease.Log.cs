using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Leases;

internal static partial class LeaseLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Control refused a lease for {Purpose} of tenant {Tenant} ({Refusal}): {Reason}")]
    public static partial void Refused(ILogger log, LeasePurpose purpose, TenantId? tenant, ControlRefusal refusal, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No lease for {Purpose} of tenant {Tenant}: {Fault}: {Reason}")]
    public static partial void ControlAway(ILogger log, LeasePurpose purpose, TenantId? tenant, string fault, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lease {Lease} for {Purpose} was not renewed: {Reason}")]
    public static partial void RenewalFailed(ILogger log, Guid lease, LeasePurpose purpose, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Lease {Lease} could not be given back and ends by itself: {Reason}")]
    public static partial void ReleaseFailed(ILogger log, Guid lease, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Lease {Lease} for {Purpose} of tenant {Tenant} was not renewed: nothing new starts, and it ends in {Remaining}")]
    public static partial void EndIsNear(ILogger log, Guid lease, LeasePurpose purpose, TenantId? tenant, TimeSpan remaining);

    [LoggerMessage(Message = "Control revoked {Kind} {Subject}{Silo}: {Count} leases ended here")]
    public static partial void Revoked(
        ILogger log, LogLevel level, RevocationKind kind, Guid? subject, string? silo, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Control can't be asked for revocations: {Fault}: {Reason}")]
    public static partial void FeedAway(ILogger log, string fault, string reason);
}
