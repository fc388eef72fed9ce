using AMA.Archive.Ids;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Search;

internal static partial class SearchLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A message of tenant {Tenant} could not be opened")]
    public static partial void OpenFailed(ILogger log, TenantId tenant, Exception fault);
}
