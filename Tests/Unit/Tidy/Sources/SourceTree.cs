namespace AMA.Tests.Unit.Tidy.Sources;

/// <summary>All C# of the repository, parsed once.</summary>
internal static class SourceTree
{
    public static IReadOnlyList<SourceFile> All { get; } = [.. Repository.Files(".", "*.cs").Select(SourceFile.Read)];

    public static IReadOnlyList<SourceFile> Product { get; } =
        [.. All.Where(f => !f.Path.StartsWith("Tests/", StringComparison.Ordinal))];
}
