using System.Globalization;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Sending;

/// <summary>The last line of <c>ama send</c>, and its exit code.</summary>
internal static class SendSummary
{
    public static ExitCode CodeOf(SendTally tally)
    {
        if (tally[OutcomeKind.Refused] + tally[OutcomeKind.Unsent] > 0) return ExitCode.Failure;
        return tally[OutcomeKind.PutOff] > 0 ? ExitCode.TryAgain : ExitCode.Ok;
    }

    public static string Of(SendTally tally, TimeSpan took, bool json)
    {
        var seconds = Math.Max(took.TotalSeconds, 0.001);
        var delivered = tally[OutcomeKind.Delivered];
        if (json)
            return CliJson.Of(new
            {
                delivered,
                refused = tally[OutcomeKind.Refused],
                putOff = tally[OutcomeKind.PutOff],
                skipped = tally[OutcomeKind.Skipped],
                unsent = tally[OutcomeKind.Unsent],
                known = tally[OutcomeKind.Known],
                bytes = tally.Bytes,
                seconds = Math.Round(took.TotalSeconds, 3),
            });
        var line = string.Create(CultureInfo.InvariantCulture, $"{delivered} delivered, {tally[OutcomeKind.Refused]} "
            + $"refused, {tally[OutcomeKind.PutOff]} put off, {tally[OutcomeKind.Skipped]} skipped in {seconds:0.0} s "
            + $"({delivered / seconds:0.0} messages/s, {tally.Bytes / seconds / 1e6:0.0} MB/s)");
        if (tally[OutcomeKind.Unsent] > 0) line += $"; {tally[OutcomeKind.Unsent]} unsent";
        return tally[OutcomeKind.Known] > 0 ? $"{line}; {tally[OutcomeKind.Known]} delivered before" : line;
    }
}
