using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AMA.Archive.Ids;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Reconciling;

/// <summary>
/// What the archive has: the daily reconciliations around the messages that are asked for, each fetched once. Some 100
/// bytes of memory for each delivery of those days.
/// </summary>
internal sealed class ArchiveDays(ArchiveApi api)
{
    private const string DayForm = "yyyy-MM-dd";

    /// <summary>A journal report may leave a little before the log's time stamp says, and days later.</summary>
    private const int DaysBefore = 1;
    private const int DaysAfter = 5;

    /// <summary>Receipts and Message-IDs that no day has are asked for one by one, so many at most.</summary>
    private const int SingleLooksMax = 2_000;

    private readonly HashSet<string> _loaded = [];
    private readonly HashSet<DeliveryId> _receipts = [];
    private readonly HashSet<UInt128> _messageIds = [];
    private HashSet<string>? _days;
    private int _looks;

    /// <summary>Null: it is there. Otherwise why it is missing.</summary>
    public async Task<string?> MissingAsync(SentMessage message, CancellationToken cancel)
    {
        await LoadAroundAsync(message.Time, cancel);
        if (DeliveryId.TryParse(message.Receipt, out var receipt) && _receipts.Contains(receipt)) return null;
        if (message.MessageId.Length > 0 && _messageIds.Contains(Hash(message.MessageId))) return null;
        var state = message.Receipt is { } shown ? await StateAsync(shown, cancel) : null;
        if (state is "accepted" or "archived" or "erased") return null;
        if (message.MessageId.Length > 0 && await FoundAsync(message.MessageId, cancel)) return null;
        return state is null ? Why(message) : $"accepted, but {state}: ama receipt {message.Receipt}";
    }

    private static string Why(SentMessage message) => message.State switch
    {
        SentState.Sent => $"sent with receipt {message.Receipt}, which the archive doesn't know",
        SentState.SentWithout => "delivered, but the archive got no report of it",
        SentState.Deferred => "deferred",
        SentState.Bounced => "bounced",
        SentState.Expired => "expired in the queue",
        SentState.Elsewhere => "sent to another server only",
        _ => "never left for the archive",
    };

    private async Task LoadAroundAsync(DateTimeOffset time, CancellationToken cancel)
    {
        _days ??= await DaysAsync(cancel);
        for (var day = -DaysBefore; day <= DaysAfter; day++)
        {
            var name = time.UtcDateTime.AddDays(day).ToString(DayForm, System.Globalization.CultureInfo.InvariantCulture);
            if (_days.Contains(name) && _loaded.Add(name)) await LoadAsync(name, cancel);
        }
    }

    private async Task<HashSet<string>> DaysAsync(CancellationToken cancel) =>
        [.. (await api.GetAsync<Reconciliations>("/v1/reconciliations", cancel)).Value.Items.Select(day => day.Day)];

    private async Task LoadAsync(string day, CancellationToken cancel)
    {
        var ended = false;
        await foreach (var text in api.LinesAsync($"/v1/reconciliations/{day}", cancel))
        {
            var line = JsonSerializer.Deserialize<DayFileLine>(text, JsonSerializerOptions.Web)!;
            ended = line.End;
            if (DeliveryId.TryParse(line.Receipt, out var receipt)) _receipts.Add(receipt);
            if (line.MessageId is { } id) _messageIds.Add(Hash(id));
            if (line.JournaledId is { } journaled) _messageIds.Add(Hash(journaled));
        }
        if (!ended) throw new CliException(ExitCode.TryAgain, $"The reconciliation of {day} broke off.", "Try again.");
    }

    /// <summary>Null: not known.</summary>
    private async Task<string?> StateAsync(string receipt, CancellationToken cancel)
    {
        if (++_looks > SingleLooksMax) return null;
        try
        {
            return (await api.GetAsync<Receipt>($"/v1/receipts/{Uri.EscapeDataString(receipt)}", cancel)).Value.State;
        }
        catch (CliException unknown) when (unknown.Problem == "not-found")
        {
            return null;
        }
    }

    private async Task<bool> FoundAsync(string messageId, CancellationToken cancel)
    {
        if (messageId.Any(c => c is '"' or '\\' || char.IsWhiteSpace(c)) || ++_looks > SingleLooksMax) return false;
        var query = Uri.EscapeDataString($"message-id:\"{messageId}\"");
        return (await api.GetAsync<MessagePage>($"/v1/messages?q={query}&limit=1", cancel)).Value.Total > 0;
    }

    private static UInt128 Hash(string text)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
