using System.Globalization;
using AMA.Tests.Bench.EndToEnd;
using AMA.Tests.Bench.Stages;

namespace AMA.Tests.Bench;

/// <summary>The figures as Markdown tables.</summary>
public static class Report
{
    private const double Megabyte = 1_000_000;

    public static void Print(IReadOnlyList<EndToEndFigures> runs, StageFigures? stages, int connections, TextWriter to)
    {
        if (runs.Count > 0) PrintRuns(runs, connections, to);
        if (stages is not null) PrintStages(stages, runs.Count > 0 ? runs[^1] : null, to);
    }

    private static void PrintRuns(IReadOnlyList<EndToEndFigures> runs, int connections, TextWriter to)
    {
        Line(to, $"## From SMTP to searchable\n");
        Line(to, $"{runs[0].Messages} messages, {runs[0].Bytes / Megabyte:F1} MB, {connections} connections, STARTTLS, {Environment.ProcessorCount} cores shared by sender and archive.\n");
        Line(to, $"| accepted msg/s | MB/s | p50 ms | p99 ms | searchable msg/s | MB/s | archive CPU ms/msg | sender CPU ms/msg | peak memory MB |");
        Line(to, $"| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var run in runs)
        {
            Line(to, $"| {PerSecond(run.Messages, run.Accepted):F0} | {PerSecond(run.Bytes, run.Accepted) / Megabyte:F2} | {run.P50.TotalMilliseconds:F1} | {run.P99.TotalMilliseconds:F1} | {PerSecond(run.Messages, run.Searchable):F0} | {PerSecond(run.Bytes, run.Searchable) / Megabyte:F2} | {run.ServerCpu.TotalMilliseconds / run.Messages:F2} | {run.SenderCpu.TotalMilliseconds / run.Messages:F2} | {run.PeakMemory / Megabyte:F0} |");
        }
        PrintStored(runs[^1], to);
    }

    private static void PrintStored(EndToEndFigures run, TextWriter to)
    {
        Line(to, $"\n## Stored\n");
        Line(to, $"| what | bytes | per byte received | files |");
        Line(to, $"| --- | --- | --- | --- |");
        foreach (var (what, bytes, files) in run.Stored.Rows)
            Line(to, $"| {what} | {bytes} | {bytes / (double)run.Bytes:F3} | {files} |");
    }

    private static void PrintStages(StageFigures stages, EndToEndFigures? whole, TextWriter to)
    {
        Line(to, $"\n## CPU by stage\n");
        Line(to, $"Core alone, one thread, the same {stages.Messages} messages.\n");
        Line(to, $"| stage | CPU µs/msg | share | MB/s |");
        Line(to, $"| --- | --- | --- | --- |");
        foreach (var (stage, cpu) in stages.Clock.Stages)
            Line(to, $"| {stage} | {Microseconds(cpu, stages.Messages):F0} | {cpu / stages.Clock.Total:P0} | {PerSecond(stages.Bytes, cpu) / Megabyte:F0} |");
        Line(to, $"| **sum** | {Microseconds(stages.Clock.Total, stages.Messages):F0} | 100% | {PerSecond(stages.Bytes, stages.Clock.Total) / Megabyte:F0} |");
        if (whole is null) return;
        var rest = Microseconds(whole.ServerCpu, whole.Messages) - Microseconds(stages.Clock.Total, stages.Messages);
        Line(to, $"\nThe whole archive takes {Microseconds(whole.ServerCpu, whole.Messages):F0} µs a message: {rest:F0} µs are TLS, SMTP, grain calls, smaller groups and the rest.");
    }

    private static double PerSecond(double amount, TimeSpan time) => amount / Math.Max(time.TotalSeconds, 1e-6);

    private static double Microseconds(TimeSpan time, int messages) => time.TotalMicroseconds / messages;

    private static void Line(TextWriter to, FormattableString line) =>
        to.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
