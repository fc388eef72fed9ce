namespace AMA.Tests.Unit.Tidy.Sources;

/// <summary>
/// How big a file, function or constructor may be. Every limit is a ratchet: the exceptions are today's, each with its
/// reason, none may grow, and one that is no longer needed must go.
/// </summary>
internal static class SizeRules
{
    public const int FileLinesMax = 300;
    public const int FunctionLinesMax = 70;
    public const int ProgramLinesMax = 80;
    public const int DependenciesMax = 5;

    /// <summary>Nine functions in ten stay under this, half of them under the next.</summary>
    public const int LongFunctionLines = 45;
    public const double LongFunctionShareMax = 0.10;
    public const int MedianFunctionLinesBelow = 15;

    /// <summary>File, its lines today, reason.</summary>
    public static readonly (string File, int Lines, string Reason)[] LongFiles = [];

    /// <summary>File, function, its lines today, reason.</summary>
    public static readonly (string File, string Function, int Lines, string Reason)[] LongFunctions = [];

    /// <summary>Type, parameters today, reason.</summary>
    public static readonly (string Type, int Parameters, string Reason)[] ManyDependencies =
    [
        ("LogBatch", 7, "the seven fields of a batch: values, not dependencies"),
        ("KeyRing", 6, "the region's keys themselves, handed over once by KeyRingOpening: values, not dependencies"),
    ];

    public static IEnumerable<string> TooLong(IEnumerable<SourceFile> files) => files
        .Where(f => f.Lines > LimitFor(f.Path))
        .Select(f => $"{f.Path} has {f.Lines} lines");

    public static IEnumerable<string> TooLong(IEnumerable<SourceFunction> functions) => functions
        .Where(f => f.Lines > FunctionLinesMax)
        .Where(f => !LongFunctions.Any(l => (l.File, l.Function) == (f.File, f.Name) && f.Lines <= l.Lines))
        .Select(f => $"{f.File}: {f.Name} has {f.Lines} lines");

    public static IEnumerable<string> TooMany(IEnumerable<SourceConstructor> constructors) => constructors
        .Where(c => c.Parameters > DependenciesMax)
        .Where(c => !ManyDependencies.Any(m => m.Type == c.Type && c.Parameters <= m.Parameters))
        .Select(c => $"{c.File}: {c.Type} takes {c.Parameters}");

    public static double LongShare(IReadOnlyCollection<SourceFunction> functions) =>
        functions.Count(f => f.Lines > LongFunctionLines) / (double)functions.Count;

    public static int Median(IEnumerable<SourceFunction> functions)
    {
        int[] lines = [.. functions.Select(f => f.Lines).Order()];
        return lines[lines.Length / 2];
    }

    private static int LimitFor(string path)
    {
        if (path.EndsWith("/Program.cs", StringComparison.Ordinal)) return ProgramLinesMax;
        var known = LongFiles.Where(l => l.File == path).Select(l => l.Lines);
        return known.DefaultIfEmpty(FileLinesMax).Single();
    }
}
