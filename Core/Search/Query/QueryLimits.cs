namespace AMA.Search.Query;

/// <summary>
/// What a question may cost; they stand before Lucene, whose own recursion cannot be survived (threats.md, row 28).
/// </summary>
public static class QueryLimits
{
    public const int CharsMax = 2_000;

    /// <summary>Brackets and NOTs inside one another.</summary>
    public const int DepthMax = 32;

    /// <summary>Words, phrases and dates of one question.</summary>
    public const int ClausesMax = 256;

    /// <summary>Characters before a *.</summary>
    public const int PrefixCharsMin = 3;
}
