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
        var unread = counters.Spool.AllRead ? "" : ", more lies unread";
        var oldest = counters.Spool.Entries > 0 ? $", the oldest for {counters.Spool.OldestSeconds:0.0} s" : "";
        var free = counters.Spool.FreePercent is { } percent
            ? string.Create(CultureInfo.InvariantCulture, $", {percent:0.0} % of the spool's disk free") : "";
        return string.Join('\n',
            Line("accepted", counters.Accepted),
            Line("archived", counters.Archived),
            Line("duplicates", counters.Duplicates),
            Line("quarantined", counters.Quarantined),
            Line("in spool", counters.Spool.Entries) + oldest + unread + free,
            Line("indexed", counters.Indexed),
            $"{"lease",-12}{Printable.Of(lease),12}") + Alarms(counters.Alarms ?? []);
    }

    private static string Alarms(Alarm[] alarms) => string.Concat(alarms.Select(alarm =>
        $"\nALARM {Printable.Of(Say(alarm))}, since {alarm.Since:yyyy-MM-dd HH:mm:ss}Z"));

    private static string Say(Alarm alarm) => alarm.Kind switch
    {
        "source-silent" => $"source {alarm.Source} of tenant {alarm.Tenant} is silent",
        "spool-behind" => "the queue is behind: mail that was accepted waits for longer than it should",
        "sequence-gap" => $"accepted mail is missing: segment {alarm.Last} of gateway {alarm.Gateway}"
            + (alarm.First < alarm.Last ? $", perhaps from {alarm.First} on" : ""),
        _ => alarm.Kind,
    };

    private static string Line(string name, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{name,-12}{number,12:N0}");
}
