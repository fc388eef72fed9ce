using System.Security.Cryptography;

namespace AMA.Gateway.Cli.Sending;

internal enum OutcomeKind
{
    /// <summary>The server said 250: it has the message, for good.</summary>
    Delivered,

    /// <summary>The server will never take it in this form (5xx).</summary>
    Refused,

    /// <summary>Not now (4xx, or no connection), for as long as we tried. Its fate may be unknown.</summary>
    PutOff,

    /// <summary>Not sent, and nothing lost by it: no message.</summary>
    Skipped,

    /// <summary>Not sent although it is mail: over the limit, or not where a message can be.</summary>
    Unsent,

    /// <summary>Not sent: the receipt file says that it was delivered before (--resume).</summary>
    Known,
}

/// <summary>What became of one message.</summary>
/// <param name="Source">Where it came from (<see cref="Adapters.Submission.MessageSource.Name"/>).</param>
/// <param name="Sha256">Of the bytes that were sent, the CRLF form: 64 hex digits; "-" when not sent.</param>
/// <param name="Detail">The receipt, or why not.</param>
internal sealed record Outcome(string Source, string Sha256, OutcomeKind Kind, string Detail)
{
    public static string Digest(ReadOnlyMemory<byte> sent) => Convert.ToHexStringLower(SHA256.HashData(sent.Span));
}

internal static class Words
{
    /// <summary>The word in receipt files and messages.</summary>
    public static string Of(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Delivered => "delivered",
        OutcomeKind.Refused => "refused",
        OutcomeKind.PutOff => "put-off",
        OutcomeKind.Skipped => "skipped",
        OutcomeKind.Unsent => "unsent",
        _ => "known",
    };
}
