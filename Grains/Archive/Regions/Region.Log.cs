using AMA.Archive.Ids;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Regions;

internal static partial class RegionLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Archive {Tenant} is not level with its log yet: {Reason}")]
    public static partial void NotRecovered(ILogger log, TenantId tenant, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Archive {Tenant} does not tell its status: {Reason}")]
    public static partial void Silent(ILogger log, TenantId tenant, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The region waits for Control: {Reason}")]
    public static partial void Waiting(ILogger log, string reason);
}
