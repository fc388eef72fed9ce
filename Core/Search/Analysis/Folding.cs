using System.Text;
using Lucene.Net.Analysis.Miscellaneous;

namespace AMA.Search.Analysis;

/// <summary>Words without their accents, so that "Zürich", "Zurich" and "Zuerich" find each other.</summary>
internal static class Folding
{
    /// <summary>The word folded, and its spelling-out ("zuerich") where that is another one.</summary>
    public static (string Folded, string? Variant) Fold(ReadOnlySpan<char> word)
    {
        var lower = word.ToString().Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        var folded = Plain(lower);
        var spelled = Plain(SpellOut(lower));
        return (folded, spelled == folded ? null : spelled);
    }

    private static string SpellOut(string word) => word.AsSpan().IndexOfAny("äöüåø") < 0 ? word : word
        .Replace("ä", "ae").Replace("ö", "oe").Replace("ü", "ue").Replace("å", "aa").Replace("ø", "oe");

    /// <summary>Latin letters become ASCII; other scripts keep their letters and marks.</summary>
    private static string Plain(string word)
    {
        const int growthMax = 4;
        var input = word.ToCharArray();
        var output = new char[input.Length * growthMax];
        var length = ASCIIFoldingFilter.FoldToASCII(input, 0, output, 0, input.Length);
        var kept = 0;
        for (var i = 0; i < length; i++)
            if (output[i] is < '\u0300' or > '\u036f') output[kept++] = char.ToLowerInvariant(output[i]);
        return kept == 0 ? word : new string(output, 0, kept);
    }
}
