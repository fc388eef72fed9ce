using System.Text.RegularExpressions;

namespace AMA.Tests.Unit.Tidy.Documents;

/// <summary>What a Markdown page names: code spans, links, commands, settings.</summary>
public sealed partial class Document
{
    private readonly string _folder;

    private Document(string folder, string text) => (_folder, Text) = (folder, text);

    public string Text { get; }

    public static Document Read(string path) => new(Path.GetDirectoryName(path)!, Repository.Text(path));

    public static Document Parse(string text) => new("", text);

    /// <summary>Inline code, without the fenced blocks.</summary>
    public IEnumerable<string> Code() => Spans().Matches(Fences().Replace(Text, "")).Select(m => m.Groups[1].Value);

    /// <summary>Lines of fenced blocks that are for a shell, without comments and empty ones.</summary>
    public IEnumerable<string> Commands() => ShellFences().Matches(Text)
        .SelectMany(block => block.Groups[1].Value.Split('\n'))
        .Select(line => line.Split('#')[0].Trim())
        .Where(line => line.Length > 0);

    /// <summary>Code that looks like a C# type: "ArchiveGrain", or "IndexGrain.FindTags" for a member of it.</summary>
    public IEnumerable<string> TypeNames() => Code().Where(code => TypeName().IsMatch(code));

    public IEnumerable<string> Settings() => Setting().Matches(Text).Select(m => m.Value).Distinct();

    /// <summary>Links to files of the repository, relative to its root.</summary>
    public IEnumerable<string> LinkedFiles() => Links().Matches(Text)
        .Select(m => m.Groups[1].Value.Split('#')[0])
        .Where(link => link.Length > 0 && !link.Contains("://"))
        .Select(link => Path.Combine(_folder, link));

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Spans();

    [GeneratedRegex("^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fences();

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ShellFences();

    [GeneratedRegex(@"^[A-Z][a-z]\w*[A-Z]\w*(\.[A-Z]\w+)?$")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\bAMA(:[A-Z]\w*)+")]
    private static partial Regex Setting();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();
}
