using AMA.Archive.Ids;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Deliveries;

internal static partial class DeliveriesLog
{
    [LoggerMessage(Level = LogLevel.Critical, Message = "Reconciliation of {Day}, tenant {Tenant}: the log holds {Archived} + {Duplicates} deliveries, counted were {CountedArchived} + {CountedDuplicates}. A person must look at it")]
    public static partial void Differs(
        ILogger log, DateOnly day, TenantId tenant, long archived, long duplicates, long countedArchived,
        long countedDuplicates);
}
