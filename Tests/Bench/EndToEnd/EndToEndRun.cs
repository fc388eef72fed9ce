using AMA.Tests.Bench.Corpus;
using AMA.Tests.Bench.Embedded;

namespace AMA.Tests.Bench.EndToEnd;

/// <param name="Accepted">From the first byte sent to the last 250.</param>
/// <param name="Searchable">From the first byte sent until every message can be found.</param>
/// <param name="ServerCpu">Of the archive's process, from before the first byte until all is searchable.</param>
public sealed record EndToEndFigures(
    int Messages, long Bytes, TimeSpan Accepted, TimeSpan Searchable, TimeSpan P50, TimeSpan P99, TimeSpan ServerCpu,
    TimeSpan SenderCpu, long PeakMemory, StoredBytes Stored);

/// <summary>
/// A whole archive from empty to searchable, its gateway, clusters and stores in a process of their own.
/// </summary>
public static class EndToEndRun
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);
    private const int WarmUpMessages = 200;

    public static async Task<EndToEndFigures> MeasureAsync(CorpusMail mail, BenchOptions options, TimeProvider time)
    {
        await using var archive = await ArchiveProcess.StartAsync(options.Data);
        using var client = await ArchiveClient.CreateAsync(archive);
        var before = await WarmUpAsync(archive, client, options, time);

        var (serverCpu, senderCpu) = (archive.Cost.Cpu(), Environment.CpuUsage.TotalTime);
        var began = time.GetTimestamp();
        var senders = new Senders(archive, mail.Messages, time);
        await senders.RunAsync(options.Connections);
        var accepted = time.GetElapsedTime(began);
        senderCpu = Environment.CpuUsage.TotalTime - senderCpu;
        await WaitAsync(client, before + mail.Messages.Count);
        var searchable = time.GetElapsedTime(began);
        serverCpu = archive.Cost.Cpu() - serverCpu;

        var sorted = senders.Latencies.Order().ToArray();
        return new(
            mail.Messages.Count, mail.Bytes, accepted, searchable, sorted[sorted.Length / 2],
            sorted[sorted.Length * 99 / 100], serverCpu, senderCpu, archive.Cost.PeakMemory(),
            StoredBytes.In(archive.Data));
    }

    /// <summary>Some mail of its own kind first: what is compiled and opened once is not what is measured.</summary>
    private static async Task<int> WarmUpAsync(
        ArchiveProcess archive, ArchiveClient client, BenchOptions options, TimeProvider time)
    {
        ReadOnlyMemory<byte>[] mail = [.. Enumerable.Range(0, WarmUpMessages).Select(i =>
            (ReadOnlyMemory<byte>)System.Text.Encoding.ASCII.GetBytes(
                $"From: a@warm.example\r\nSubject: warm {i}\r\n\r\nWords to begin with, number {i}.\r\n"))];
        await new Senders(archive, mail, time).RunAsync(options.Connections);
        await WaitAsync(client, mail.Length);
        return mail.Length;
    }

    private static async Task WaitAsync(ArchiveClient client, int deliveries)
    {
        while (!(await client.StatusAsync()).HasAll(deliveries))
            await Task.Delay(AskEvery);
    }
}
