using AMA.Archive.Ids;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Regions;

internal static partial class RegionLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Archive {Tenant} is not level with its log yet: {Reason}")]
    public static partial void NotRecovered(ILogger log, TenantId tenant, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Archive {Tenant} does not tell its status: {Reason}")]
    public static partial void Silent(ILogger log, TenantId tenant, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Source {Source} of tenant {Tenant} is silent since {Since:u}: nothing has come from it for longer than expected")]
    public static partial void SourceSilent(ILogger log, Guid? tenant, Guid source, DateTimeOffset since);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Source {Source} of tenant {Tenant} is silent no more")]
    public static partial void SourceHeard(ILogger log, Guid? tenant, Guid source);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue is behind since {Since:u}: mail that was accepted waits for longer than it should")]
    public static partial void SpoolBehind(ILogger log, DateTimeOffset since);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue is behind no more")]
    public static partial void SpoolLevel(ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "The region waits for Control: {Reason}")]
    public static partial void Waiting(ILogger log, string reason);
}
