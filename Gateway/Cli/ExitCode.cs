namespace AMA.Gateway.Cli;

/// <summary>What the shell learns. Scripts branch on these numbers; they never change (docs/cli.md).</summary>
internal enum ExitCode
{
    /// <summary>Done, all of it.</summary>
    Ok = 0,

    /// <summary>Something was not delivered, not found or not done; the same again will not help.</summary>
    Failure = 1,

    /// <summary>The command line, a setting or a file of ours is wrong.</summary>
    Usage = 2,

    /// <summary>Not signed in, or not allowed.</summary>
    NotAllowed = 3,

    /// <summary>The server is away or the archive locked: the same command may succeed later.</summary>
    TryAgain = 4,
}

/// <summary>Ends the command: a sentence about what happened and one about what to do.</summary>
internal sealed class CliException(ExitCode code, string message, string? advice = null, Exception? inner = null)
    : Exception(message, inner)
{
    public ExitCode Code => code;

    /// <summary>The kind of the server's problem (docs/api.md), where a server refused.</summary>
    public string? Problem { get; init; }

    public string? Advice => advice;
}
