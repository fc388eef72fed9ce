using System.Globalization;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Output;

/// <summary>The counters, one a line, so that they add up to the eye.</summary>
internal static class CountersText
{
    public static string Of(Counters counters)
    {
        var lease = counters.Lease.ExpiresAt is { } until
            ? $"{counters.Lease.State} until {until:yyyy-MM-dd HH:mm:ss}Z"
            : counters.Lease.State;
        var oldest = counters.Spool.Entries > 0 ? $", the oldest for {counters.Spool.OldestSeconds:0.0} s" : "";
        var free = counters.Spool.FreePercent is { } percent
            ? string.Create(CultureInfo.InvariantCulture, $", {percent:0.0} % of the spool's disk free") : "";
        return string.Join('\n',
            Line("accepted", counters.Accepted),
            Line("archived", counters.Archived),
            Line("duplicates", counters.Duplicates),
            Line("quarantined", counters.Quarantined),
            Line("in spool", counters.Spool.Entries) + oldest + free,
            Line("indexed", counters.Indexed),
            $"{"lease",-12}{Printable.Of(lease),12}");
    }

    private static string Line(string name, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{name,-12}{number,12:N0}");
}
