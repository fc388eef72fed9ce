namespace AMA.Archive.Spool;

/// <summary>Why bytes are no envelope; vectors name these.</summary>
public enum EnvelopeFault
{
    /// <summary>Not this format, or fields out of order, doubled, missing or of a wrong length.</summary>
    Format,
    /// <summary>A reserved value or bit is used.</summary>
    Reserved,
    /// <summary>A field that must be understood isn't known here.</summary>
    UnknownField,
    /// <summary>The bytes end within the envelope.</summary>
    Truncated,
    /// <summary>Larger than <see cref="EnvelopeLimits"/> allow.</summary>
    Limit,
}

public sealed class EnvelopeException(EnvelopeFault fault, string message) : Exception(message)
{
    public EnvelopeFault Fault { get; } = fault;
}

public static class EnvelopeLimits
{
    /// <summary>Of an encoded envelope, head included.</summary>
    public const int BytesMax = 1 << 20;

    public const int RecipientsMax = 10_000;
}
