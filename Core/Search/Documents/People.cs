namespace AMA.Search.Documents;

/// <summary>The people of a field: what is read of them, and all their addresses, each once.</summary>
internal sealed record People(IReadOnlyList<string> Texts, IReadOnlyList<string> Addresses)
{
    /// <summary>
    /// Addresses that stand in no shown text are texts, too: a recipient of the envelope alone is found by words.
    /// </summary>
    public static People Of(IEnumerable<string> shown, IEnumerable<string> addresses)
    {
        var texts = shown.Where(text => text.Length > 0).ToList();
        var all = addresses.Where(a => a.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var seen = texts.Select(InBrackets).ToHashSet(StringComparer.OrdinalIgnoreCase);
        texts.AddRange(all.Where(a => !seen.Contains(a)));
        return new(texts, all);
    }

    private static string InBrackets(string text)
    {
        var open = text.LastIndexOf('<');
        return open >= 0 && text[^1] == '>' ? text[(open + 1)..^1] : text;
    }
}
