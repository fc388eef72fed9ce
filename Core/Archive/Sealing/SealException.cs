namespace AMA.Archive.Sealing;

/// <summary>What is wrong with sealed bytes. Vectors name these: docs/formats/README.md, "Faults".</summary>
public enum SealFault
{
    /// <summary>Not this format, or fields that contradict each other.</summary>
    Format = 1,

    /// <summary>A field holds a value that this version doesn't define, or keeps for a later one.</summary>
    Reserved,

    /// <summary>The key commitment isn't that of this key and context: wrong key, or a changed header.</summary>
    Commitment,

    /// <summary>
    /// An authentication tag is wrong: changed bytes, or bytes in another place than they were sealed for.
    /// </summary>
    Authentication,

    /// <summary>The bytes end too early.</summary>
    Truncated,

    /// <summary>Bytes follow the end.</summary>
    Trailing,

    /// <summary>A named limit is passed: refused before any memory is spent on it.</summary>
    Limit,

    /// <summary>Whole, but sealed for another purpose, key or place than the one asked for.</summary>
    Context,

    /// <summary>The content isn't what it says it is: a hash or a length inside the seal is wrong.</summary>
    Content,

    /// <summary>The key asked for was erased, or never belonged to this tree.</summary>
    Punctured,

    /// <summary>A public key that gives a shared secret everybody knows.</summary>
    WeakKey,
}

/// <summary>
/// Sealed bytes were refused. Final for these bytes with this key: another try of the same gives the same. Another
/// copy of the bytes, from another store, may be whole.
/// </summary>
public class SealException(SealFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public SealFault Fault { get; } = fault;

    /// <summary>Throws unless <paramref name="holds"/>.</summary>
    internal static void Unless(bool holds, SealFault fault, string message)
    {
        if (!holds) throw new SealException(fault, message);
    }
}
