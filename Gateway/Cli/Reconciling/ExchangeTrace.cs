using System.Globalization;

namespace AMA.Gateway.Cli.Reconciling;

/// <summary>
/// Reads an Exchange Online message trace: the one that the trace page exports ("Received,Sender Address,…") and the
/// historical search ("origin_timestamp_utc,sender_address,…"). A row is one recipient's, so one message may have several.
/// </summary>
internal sealed class ExchangeTrace
{
    private static readonly string[] TimeNames = ["origin_timestamp_utc", "date_time_utc", "received", "date"];
    private static readonly string[] IdNames = ["message_id", "message id", "messageid"];
    private static readonly string[] StatusNames = ["recipient_status", "status"];

    private readonly int _time;
    private readonly int _id;
    private readonly int _status;

    /// <summary>Throws <see cref="ExitCode.Usage"/> for a header without the columns that are needed.</summary>
    public ExchangeTrace(IReadOnlyList<string> header)
    {
        string[] names = [.. header.Select(name => name.Trim().TrimStart('\uFEFF').ToLowerInvariant())];
        (_time, _id, _status) = (Find(names, TimeNames), Find(names, IdNames), Find(names, StatusNames));
        if (_time < 0 || _id < 0)
            throw new CliException(ExitCode.Usage, "This is no message trace: its first line names no time and Message-ID.",
                "Export a message trace as CSV: from the trace page, or as a historical search.");
    }

    /// <summary>Null: a row that can't be read, or without a Message-ID.</summary>
    public SentMessage? Read(IReadOnlyList<string> row)
    {
        if (row.Count <= Math.Max(_time, _id)) return null;
        var id = row[_id].Trim();
        if (id is ['<', .., '>']) id = id[1..^1];
        if (id.Length == 0 || !DateTimeOffset.TryParse(
            row[_time], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return null;
        var status = _status >= 0 && _status < row.Count ? row[_status] : "";
        return new(time.ToUniversalTime(), "", id, StateOf(status), null, status);
    }

    /// <summary>What the trace says is of the recipients, not of the journal report: only failures say more.</summary>
    private static SentState StateOf(string status)
    {
        bool Says(string word) => status.Contains(word, StringComparison.OrdinalIgnoreCase);
        if (Says("deliver") || Says("expand") || Says("resolved") || Says("receive")) return SentState.SentWithout;
        if (Says("pending") || Says("defer") || Says("getting")) return SentState.Deferred;
        return Says("fail") || Says("reject") ? SentState.Bounced : SentState.NeverLeft;
    }

    private static int Find(string[] names, string[] wanted)
    {
        foreach (var name in wanted)
            if (Array.IndexOf(names, name) is var at and >= 0) return at;
        return -1;
    }
}
