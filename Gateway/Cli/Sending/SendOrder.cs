using AMA.Adapters.Submission;

namespace AMA.Gateway.Cli.Sending;

/// <summary>What to send where, checked.</summary>
internal sealed record SendOrder
{
    public const int ConnectionsDefault = 4;
    public const int ConnectionsMax = 64;
    public const int RetriesDefault = 5;
    public const int RetriesMax = 100;

    /// <summary>Files and folders.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>MAIL FROM; empty is the null path.</summary>
    public required string From { get; init; }

    public required IReadOnlyList<string> Recipients { get; init; }
    public required SubmissionTarget Target { get; init; }
    public required int Connections { get; init; }
    public required RetrySchedule Retries { get; init; }

    /// <summary>Delivered before, by escaped source name and SHA-256: not sent again.</summary>
    public IReadOnlySet<(string Source, string Sha256)> Known { get; init; } = new HashSet<(string, string)>();

    /// <summary>Throws <see cref="ExitCode.Usage"/> for what could not stand in an SMTP command.</summary>
    public static string CheckAddress(string address)
    {
        if (address.Contains('@') && address.Length <= 254
            && !address.Any(c => c is '<' or '>' || char.IsControl(c) || char.IsWhiteSpace(c)))
            return address;
        throw new CliException(ExitCode.Usage, $"'{Output.Printable.Of(address)}' is not an e-mail address.");
    }
}
