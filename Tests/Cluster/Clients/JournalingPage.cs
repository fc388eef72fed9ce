using System.Text.RegularExpressions;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.Clients;

/// <summary>The files that docs/journaling.md shows a customer, with the values of a test in place of the page's.</summary>
internal sealed partial class JournalingPage
{
    private readonly Dictionary<string, string> _blocks;

    private JournalingPage(string text) =>
        _blocks = Block().Matches(text).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);

    public static JournalingPage Read() =>
        new(File.ReadAllText(Path.Combine(Corpus.RepositoryRoot(), "docs", "journaling.md")));

    /// <param name="name">What stands behind the opening fence.</param>
    /// <param name="values">From the page's words to the test's.</param>
    public string Show(string name, IReadOnlyDictionary<string, string> values)
    {
        Assert.True(_blocks.TryGetValue(name, out var block), $"docs/journaling.md shows no {name}");
        return values.Aggregate(block, (text, value) => text.Replace(value.Key, value.Value));
    }

    [GeneratedRegex(@"^```([a-z_.]+(?: [a-z_]+)?)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
