using System.Text.RegularExpressions;

namespace AMA.Tests.Unit.Tidy.Sources;

/// <summary>Words that may not stand in the code, and why not.</summary>
internal static partial class WordRules
{
    /// <summary>
    /// A room for everything is a room for nothing: the mail and archive nouns say where things belong.
    /// </summary>
    private static readonly string[] EmptyNames =
        ["Manager", "Helper", "Helpers", "Common", "Util", "Utils", "Utility"];

    public static IEnumerable<string> EmptyTypeNames(SourceFile file) => file.Types()
        .Concat(file.Path.Split('/'))
        .Where(name => Words().Matches(name).Any(word => EmptyNames.Contains(word.Value)))
        .Select(name => $"{file.Path}: {name}");

    /// <summary>What is left for later stands in an issue, not in the code; a thread is never put to sleep.</summary>
    public static IEnumerable<string> Unfinished(SourceFile file) => file.Identifiers()
        .Where(word => word == "NotImplementedException")
        .Concat(file.Accesses().Where(access => access.EndsWith("Thread.Sleep", StringComparison.Ordinal)))
        .Concat(file.Comments().SelectMany(comment => Marks().Matches(comment)).Select(mark => mark.Value))
        .Select(word => $"{file.Path}: {word}");

    /// <summary>A ban that can be switched off in passing is no ban (BannedSymbols.txt says the reasons).</summary>
    public static IEnumerable<string> SilencedBans(SourceFile file) => file.SilencedWarnings()
        .Where(code => code.StartsWith("RS", StringComparison.Ordinal))
        .Select(code => $"{file.Path}: {code}");

    /// <summary>An async method without a task loses its exception, or the process.</summary>
    public static IEnumerable<string> AsyncVoid(SourceFile file) => file.AsyncVoids()
        .Select(name => $"{file.Path}: async void {name}");

    [GeneratedRegex(@"[A-Z][a-z]+")]
    private static partial Regex Words();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Marks();
}
