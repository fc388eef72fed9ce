namespace AMA.Gateway.Smtp.Protocol;

/// <summary>What the session does after it has sent the reply.</summary>
public enum SmtpAction
{
    Continue,
    StartTls,

    /// <summary>The message follows; its fate goes to <see cref="SmtpConversation.EndTransaction"/>.</summary>
    ReadMessage,

    /// <summary>
    /// A chunk follows and the reply comes after it, unless something goes wrong; a last chunk ends like a message.
    /// </summary>
    ReadChunk,

    /// <summary>A chunk follows that nobody wants; the reply comes after it.</summary>
    DropChunk,
    Close,
}

public readonly record struct SmtpStep(SmtpReply Reply, SmtpAction Action = SmtpAction.Continue)
{
    /// <summary>With the two chunk actions.</summary>
    public Chunk Chunk { get; init; }

    /// <summary>How long the reply is held back: growing with the errors of the session.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>
    /// RFC 2920 §3.1: nothing may have been sent behind this command before its reply. Where something has, nobody
    /// knows what the client took it for.
    /// </summary>
    public bool EndsGroup { get; init; }
}

/// <param name="HostName">Our own name.</param>
/// <param name="MessageBytesMax">Announced in SIZE and applied to it.</param>
/// <param name="ErrorsMax">Refused commands before the session is ended.</param>
public sealed record SmtpRules(string HostName, long MessageBytesMax, int RecipientsMax, int ErrorsMax)
{
    /// <summary>Commands between two messages that were taken, before the session is ended.</summary>
    public int CommandsMax { get; init; } = int.MaxValue;

    /// <summary>The longest pause before a refusal.</summary>
    public TimeSpan TarpitMax { get; init; }
}
