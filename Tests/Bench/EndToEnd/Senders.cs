using AMA.Adapters.Submission;
using AMA.Tests.Bench.Embedded;

namespace AMA.Tests.Bench.EndToEnd;

/// <summary>Sends messages over several connections, STARTTLS, each connection one after the other.</summary>
public sealed class Senders(ArchiveProcess archive, IReadOnlyList<ReadOnlyMemory<byte>> messages, TimeProvider time)
{
    private readonly TimeSpan[] _latencies = new TimeSpan[messages.Count];
    private int _next;

    /// <summary>From MAIL to 250, of every message; complete once <see cref="RunAsync"/> is done.</summary>
    public IReadOnlyList<TimeSpan> Latencies => _latencies;

    public Task RunAsync(int connections) => Task.WhenAll(Enumerable.Range(0, connections).Select(_ => SendAsync()));

    private async Task SendAsync()
    {
        await using var session = await SmtpSubmission.ConnectAsync(Target(), CancellationToken.None);
        for (int i; (i = Interlocked.Increment(ref _next) - 1) < messages.Count;)
        {
            var began = time.GetTimestamp();
            var reply = await session.SendAsync(
                "bench@sender.example", [ArchiveClient.Journal], messages[i], CancellationToken.None);
            if (!reply.Accepted) throw new InvalidOperationException($"message {i} was not accepted: {reply}");
            _latencies[i] = time.GetElapsedTime(began);
        }
    }

    private SubmissionTarget Target() => new()
    {
        Host = "127.0.0.1",
        Port = archive.SmtpPort,
        Trust = ServerTrust.Fingerprint(archive.Fingerprint),
        EhloName = "bench.example",
    };
}
