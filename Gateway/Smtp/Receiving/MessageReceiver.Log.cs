using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Receiving;

internal sealed partial class MessageReceiver
{
    [LoggerMessage(1, LogLevel.Error, "A message was not stored and put off with 451: {reason}")]
    private partial void LogNotStored(string reason, Exception? cause);
}
