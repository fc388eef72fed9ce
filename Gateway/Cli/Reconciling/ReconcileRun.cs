using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Reconciling;

/// <param name="From">Messages that the log saw from this day on, UTC; null: from its beginning.</param>
/// <param name="To">Up to this day, included.</param>
internal sealed record DaySpan(DateOnly? From, DateOnly? To)
{
    public bool Holds(DateTimeOffset time)
    {
        var day = DateOnly.FromDateTime(time.UtcDateTime);
        return !(day < From) && !(day > To);
    }
}

internal sealed record MissingMessage(SentMessage Message, string Why);

/// <summary>Looks for each message of a log in the archive, one after the other.</summary>
internal sealed class ReconcileRun(ArchiveDays archive, DaySpan span, Action<long> progress)
{
    private const int LinesPerLook = 4_096;

    private readonly HashSet<string> _seen = [];

    public List<MissingMessage> Missing { get; } = [];
    public long Messages { get; private set; }

    public async Task PostfixAsync(LogFiles files, PostfixLog log, CancellationToken cancel)
    {
        foreach (var reader in files.Open())
        {
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                foreach (var message in log.Add(line)) await LookAsync(message, cancel);
                if (log.Lines % LinesPerLook == 0) progress(files.Done);
            }
        }
        foreach (var message in log.Rest()) await LookAsync(message, cancel);
    }

    public async Task ExchangeAsync(LogFiles files, CancellationToken cancel)
    {
        var rows = 0;
        foreach (var reader in files.Open())
        {
            var csv = new CsvReader(reader);
            var trace = new ExchangeTrace(csv.Read() ?? []);
            while (csv.Read() is { } row)
            {
                if (trace.Read(row) is { } message && _seen.Add(message.MessageId)) await LookAsync(message, cancel);
                if (++rows % LinesPerLook == 0) progress(files.Done);
            }
        }
    }

    private async Task LookAsync(SentMessage message, CancellationToken cancel)
    {
        if (!span.Holds(message.Time)) return;
        Messages++;
        if (await archive.MissingAsync(message, cancel) is { } why) Missing.Add(new(message, why));
    }
}
