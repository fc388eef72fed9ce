using System.Globalization;
using AMA.Tests.Bench.EndToEnd;
using AMA.Tests.Bench.Stages;

namespace AMA.Tests.Bench;

/// <summary>The figures as Markdown tables.</summary>
public sealed class Report(TextWriter to)
{
    private const double Megabyte = 1_000_000;

    public void Print(IReadOnlyList<EndToEndFigures> runs, StageFigures? stages, int connections)
    {
        if (runs.Count > 0) PrintRuns(runs, connections);
        if (runs.Count > 0) PrintStored(runs[^1]);
        if (stages is not null) PrintStages(stages);
        if (stages is not null && runs.Count > 0) PrintRest(stages, runs[^1]);
    }

    private void PrintRuns(IReadOnlyList<EndToEndFigures> runs, int connections)
    {
        to.WriteLine("## From SMTP to searchable\n");
        to.WriteLine($"{runs[0].Messages} messages, {Text(runs[0].Bytes / Megabyte, 1)} MB, {connections} connections, "
            + $"STARTTLS, {Environment.ProcessorCount} cores shared by sender and archive.\n");
        Head("accepted msg/s", "MB/s", "p50 ms", "p99 ms", "searchable msg/s", "MB/s", "archive CPU ms/msg",
            "sender CPU ms/msg", "peak memory MB");
        foreach (var run in runs)
        {
            Row(
                Text(PerSecond(run.Messages, run.Accepted)), Text(PerSecond(run.Bytes, run.Accepted) / Megabyte, 2),
                Text(run.P50.TotalMilliseconds, 1), Text(run.P99.TotalMilliseconds, 1),
                Text(PerSecond(run.Messages, run.Searchable)), Text(PerSecond(run.Bytes, run.Searchable) / Megabyte, 2),
                Text(run.ServerCpu.TotalMilliseconds / run.Messages, 2),
                Text(run.SenderCpu.TotalMilliseconds / run.Messages, 2), Text(run.PeakMemory / Megabyte));
        }
    }

    private void PrintStored(EndToEndFigures run)
    {
        to.WriteLine("\n## Stored\n");
        Head("what", "bytes", "per byte received", "files");
        foreach (var (what, bytes, files) in run.Stored.Rows)
            Row(what, Text(bytes), Text(bytes / (double)run.Bytes, 3), Text(files));
    }

    private void PrintStages(StageFigures stages)
    {
        to.WriteLine("\n## CPU by stage\n");
        to.WriteLine($"Core alone, one thread, the same {stages.Messages} messages.\n");
        Head("stage", "CPU µs/msg", "share %", "MB/s");
        foreach (var (stage, cpu) in stages.Clock.Stages)
            Row(stage, cpu);
        Row("**sum**", stages.Clock.Total);

        void Row(string stage, TimeSpan cpu) => this.Row(
            stage, Text(Microseconds(cpu, stages.Messages)), Text(100 * (cpu / stages.Clock.Total)),
            Text(PerSecond(stages.Bytes, cpu) / Megabyte));
    }

    private void PrintRest(StageFigures stages, EndToEndFigures whole)
    {
        var all = Microseconds(whole.ServerCpu, whole.Messages);
        var core = Microseconds(stages.Clock.Total, stages.Messages);
        to.WriteLine($"\nThe whole archive takes {Text(all)} µs a message: {Text(all - core)} µs are TLS, SMTP, grain "
            + "calls, smaller groups and the rest.");
    }

    private void Head(params string[] cells)
    {
        Row(cells);
        Row([.. cells.Select(_ => "---")]);
    }

    private void Row(params string[] cells) => to.WriteLine($"| {string.Join(" | ", cells)} |");

    private static double PerSecond(double amount, TimeSpan time) => amount / Math.Max(time.TotalSeconds, 1e-6);

    private static double Microseconds(TimeSpan time, int messages) => time.TotalMicroseconds / messages;

    private static string Text(double number, int digits = 0) =>
        number.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
