using System.Text.RegularExpressions;
using AMA.Archive.Ids;

namespace AMA.Gateway.Cli.Reconciling;

/// <summary>
/// Follows each message through Postfix' log lines, by its queue id: cleanup says its Message-ID, qmgr its end, the smtp
/// client what the archive answered. Lines of all else are passed over. One message is held from its first line to
/// "removed"; of those without an end at most <see cref="OpenMax"/> are held, then the oldest is taken for ended.
/// </summary>
internal sealed partial class PostfixLog(LogTimes times, PostfixRoute route)
{
    public const int OpenMax = 1_000_000;

    private readonly Dictionary<string, OpenMessage> _open = [];
    private readonly Queue<(string Id, OpenMessage Message)> _order = [];

    public long Lines { get; private set; }

    /// <summary>Messages that this line brings to their end.</summary>
    public IEnumerable<SentMessage> Add(string line)
    {
        Lines++;
        if (times.Read(line, out var rest) is not { } time) return [];
        var match = PostfixLine().Match(rest.ToString());
        if (!match.Success) return [];
        var (program, id, said) = (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
        if (program.EndsWith("qmgr", StringComparison.Ordinal) && said == "removed") return End(id);
        var message = Open(id, time);
        if (said.StartsWith("message-id=", StringComparison.Ordinal)) message.MessageId = Bare(said[11..]);
        else if (said.Contains("status=expired", StringComparison.Ordinal)) message.Tell(SentState.Expired, null, said);
        else if (DeliveryLine().Match(said) is { Success: true } delivery) route.Tell(message, delivery, said);
        return _order.Count > OpenMax && _order.TryDequeue(out var oldest) ? EndOldest(oldest) : [];
    }

    /// <summary>Those whose end the log doesn't have.</summary>
    public IEnumerable<SentMessage> Rest()
    {
        foreach (var (id, message) in _open)
            if (message.Counts) yield return message.Sent(id);
        _open.Clear();
        _order.Clear();
    }

    private SentMessage[] End(string id) => _open.Remove(id, out var message) && message.Counts ? [message.Sent(id)] : [];

    private SentMessage[] EndOldest((string Id, OpenMessage Message) oldest) =>
        _open.GetValueOrDefault(oldest.Id) == oldest.Message ? End(oldest.Id) : [];

    /// <summary>A queue id comes again only after it was removed (short ids), or never (long ones).</summary>
    private OpenMessage Open(string id, DateTimeOffset time)
    {
        if (_open.TryGetValue(id, out var known)) return known;
        var message = new OpenMessage(time);
        _open[id] = message;
        _order.Enqueue((id, message));
        // Queue ids that ended are left behind in the order; now and then it is made anew.
        if (_order.Count > 2 * _open.Count + 1_000) Compact();
        return message;
    }

    private void Compact()
    {
        var live = _order.Where(one => _open.GetValueOrDefault(one.Id) == one.Message).ToArray();
        _order.Clear();
        foreach (var one in live) _order.Enqueue(one);
    }

    private static string Bare(string id)
    {
        var text = id.Trim();
        return text is ['<', .., '>'] ? text[1..^1] : text;
    }

    /// <summary>host postfix/program[pid]: queueid: rest. Short ids are hex, long ones have no vowels.</summary>
    [GeneratedRegex(@"^\S+ (postfix[^\[\s]*)\[\d+\]: ([0-9A-F]{6,}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}): (.*)$")]
    private static partial Regex PostfixLine();

    [GeneratedRegex(@"^to=<([^>]*)>,.* relay=([^,]+), .*dsn=([0-9.]+), status=(\w+) \((.*)\)$")]
    private static partial Regex DeliveryLine();
}

/// <summary>A message whose end was not read yet.</summary>
internal sealed class OpenMessage(DateTimeOffset first)
{
    private SentState _state = SentState.NeverLeft;
    private string? _receipt;
    private string _detail = "";

    public string MessageId { get; set; } = "";

    /// <summary>Something of it is to be told: cleanup named it, or it went to the archive.</summary>
    public bool Counts => MessageId.Length > 0 || _state > SentState.Elsewhere;

    /// <summary>
    /// One of its recipients' fates. The best one counts: a message goes to the archive once, and a deferral before that is
    /// past.
    /// </summary>
    public void Tell(SentState state, string? receipt, string detail)
    {
        if (state < _state) return;
        (_state, _receipt, _detail) = (state, receipt ?? _receipt, detail);
    }

    public SentMessage Sent(string queueId) => new(first, queueId, MessageId, _state, _receipt, _detail);
}

/// <summary>Which deliveries of a log are those to the archive.</summary>
/// <param name="Relays">Parts of the relay's name or address; none: whoever answers with a receipt.</param>
/// <param name="Journals">Journal addresses; none: any recipient.</param>
internal sealed record PostfixRoute(IReadOnlyList<string> Relays, IReadOnlyList<string> Journals)
{
    /// <param name="delivery">Groups: recipient, relay, DSN, status, what the server said.</param>
    public void Tell(OpenMessage message, Match delivery, string line)
    {
        var (to, relay, said) = (delivery.Groups[1].Value, delivery.Groups[2].Value, delivery.Groups[5].Value);
        var receipt = Receipt(said);
        var status = delivery.Groups[4].Value;
        message.Tell(StateOf(status, receipt, IsOurs(to, relay, receipt, status)), receipt, said);
    }

    private static SentState StateOf(string status, string? receipt, bool ours) => status switch
    {
        _ when !ours => SentState.Elsewhere,
        "sent" => receipt is null ? SentState.SentWithout : SentState.Sent,
        "deferred" => SentState.Deferred,
        "bounced" => SentState.Bounced,
        "expired" => SentState.Expired,
        _ => SentState.Elsewhere,
    };

    /// <summary>Unnamed, what was not delivered may have been meant for the archive.</summary>
    private bool IsOurs(string to, string relay, string? receipt, string status)
    {
        if (Relays.Count + Journals.Count == 0) return receipt is not null || status != "sent";
        return Relays.Any(part => relay.Contains(part, StringComparison.OrdinalIgnoreCase))
            || Journals.Any(address => to.Equals(address, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>"250 2.0.0 RECEIPT", also behind "host …[…] said: ".</summary>
    private static string? Receipt(string said)
    {
        var words = said.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(words, "250");
        if (at < 0) return null;
        return words.Skip(at + 1).Take(2).FirstOrDefault(word => DeliveryId.TryParse(word, out _));
    }
}
