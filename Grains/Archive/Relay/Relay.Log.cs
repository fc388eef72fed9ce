using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Relay;

internal static partial class RelayLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Control is away ({Fault}); gateways keep the documents they have")]
    public static partial void ControlAway(ILogger log, string fault);
}
