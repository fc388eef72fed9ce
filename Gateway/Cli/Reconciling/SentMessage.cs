namespace AMA.Gateway.Cli.Reconciling;

/// <summary>How a message left the mail server, as its log tells it. The later in this list, the better it is known.</summary>
internal enum SentState
{
    /// <summary>In the log, but nothing says that it was given to the archive.</summary>
    NeverLeft,
    /// <summary>Given to another server.</summary>
    Elsewhere,
    Deferred,
    Bounced,
    Expired,
    /// <summary>Taken with a 2xx, but without a receipt that can be read.</summary>
    SentWithout,
    /// <summary>Taken with a receipt.</summary>
    Sent,
}

/// <summary>One message of a mail server's log.</summary>
/// <param name="QueueId">Of the server; empty in traces that have none.</param>
/// <param name="MessageId">Without brackets; empty where the log names none.</param>
/// <param name="Receipt">What the archive's 250 said; null: it didn't, or wasn't asked.</param>
/// <param name="Detail">The server's own words: a reply, a status.</param>
internal sealed record SentMessage(
    DateTimeOffset Time, string QueueId, string MessageId, SentState State, string? Receipt, string Detail);
