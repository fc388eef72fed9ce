namespace AMA.Search.Analysis;

/// <summary>The words of a question.</summary>
internal static class Words
{
    /// <summary>Each word in its forms: folded, and spelled out where that differs.</summary>
    public static IReadOnlyList<string[]> Of(string text)
    {
        var scanner = new WordScanner();
        scanner.Reset(text);
        var words = new List<string[]>();
        while (scanner.Next())
            words.Add(scanner.Variant is { } variant ? [scanner.Word.ToString(), variant] : [scanner.Word.ToString()]);
        return words;
    }
}
