namespace AMA.Archive.Log;

/// <summary>
/// What is wrong with a tenant's log, or with writing it. Vectors name these: docs/formats/AML1.md, "Faults".
/// </summary>
public enum LogFault
{
    /// <summary>Not this format, or fields that contradict each other.</summary>
    Format = 1,

    /// <summary>A field holds a value that this version doesn't define, or keeps for a later one.</summary>
    Reserved,

    /// <summary>The bytes end too early.</summary>
    Truncated,

    /// <summary>A named limit is passed (<see cref="LogLimits"/>).</summary>
    Limit,

    /// <summary>The batch's own hash is not over these bytes.</summary>
    Hash,

    /// <summary>A whole batch of another tenant, or under another number.</summary>
    Place,

    /// <summary>
    /// The batch doesn't follow from the one before: previous hash, leaf index, or a fence that falls.
    /// </summary>
    Chain,

    /// <summary>A batch is missing before later ones: reading ends here until it is back, from Backup's copy.</summary>
    Gap,

    /// <summary>Another writer with a higher fence owns the log.</summary>
    Fenced,

    /// <summary>
    /// An earlier commit ended with a fault of the store, and whether it is in the log is not known. Take the log over
    /// again: that finds out.
    /// </summary>
    Uncertain,
}

public sealed class LogException(LogFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public LogFault Fault { get; } = fault;

    internal static void Unless(bool holds, LogFault fault, string message)
    {
        if (!holds) throw new LogException(fault, message);
    }
}

public static class LogLimits
{
    public const int EntriesMax = 65_536;

    /// <summary>Tries of one commit whose answers are lost; then the store's fault goes to the caller.</summary>
    public const int CommitTriesMax = 3;

    /// <summary>Batches that a predecessor may still slip in while its successor takes over.</summary>
    public const int TakeOverTriesMax = 1_000;
}
