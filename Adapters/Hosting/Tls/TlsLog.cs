using System.Net;
using Microsoft.Extensions.Logging;

namespace AMA.Adapters.Hosting.Tls;

internal static partial class TlsLog
{
    [LoggerMessage(1, LogLevel.Warning, "Connection with {peer} refused: {reason}")]
    public static partial void Refused(ILogger log, EndPoint? peer, string reason);
}
