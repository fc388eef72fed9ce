namespace AMA.Tests.Cluster.Faults;

/// <summary>The matrix as docs/faults.md shows it: what the sender heard, and what became of the message.</summary>
internal sealed class FaultTable
{
    private const string Head = "| message | call | on | store | ";

    private readonly List<(string Row, string Fault, Sent Sent)> _cells = [];

    public void Add(MessageKind kind, SystemCall call, string fault, Sent sent) => _cells.Add((
        $"| {kind.ToString().ToLowerInvariant()} | `{call.Name}` | {call.Place} | {call.Store} |", fault, sent));

    /// <param name="kept">Markers of messages without a 250 that were there in the end.</param>
    public void WriteTo(string page, HashSet<string> kept)
    {
        string[] faults = [.. FaultRun.Errors, FaultRun.Kill];
        var text = File.ReadAllLines(page).TakeWhile(line => !line.StartsWith(Head, StringComparison.Ordinal));
        var rows = _cells.GroupBy(cell => cell.Row).Select(row =>
            $"{row.Key} {string.Join(" | ", faults.Select(fault => CellOf(row.Single(c => c.Fault == fault).Sent, kept)))} |");
        string[] head = [$"{Head}{string.Join(" | ", faults)} |", $"|{string.Concat(Enumerable.Repeat(" --- |", 8))}"];
        File.WriteAllLines(page, [.. text, .. head, .. rows]);
    }

    private static string CellOf(Sent sent, HashSet<string> kept)
    {
        if (sent.Code == 250) return "250, there";
        return $"{(sent.Code == 0 ? "no reply" : sent.Code)}, {(kept.Contains(sent.Marker) ? "whole" : "not there")}";
    }
}
