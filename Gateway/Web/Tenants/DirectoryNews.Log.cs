using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Web.Tenants;

internal sealed partial class DirectoryNews
{
    [LoggerMessage(3010, LogLevel.Warning, "Not every SMTP gateway knows directory version {Version} yet")]
    private partial void LogSlow(long version);

    [LoggerMessage(3011, LogLevel.Warning,
        "SMTP gateways could not be told of directory version {Version} ({Cause}); they will ask by themselves")]
    private partial void LogUnspread(long version, string cause);
}
