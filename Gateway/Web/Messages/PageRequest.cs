using System.Globalization;
using AMA.Gateway.Web.Problems;

namespace AMA.Gateway.Web.Messages;

/// <summary>The query parameters of a list, checked.</summary>
internal readonly record struct PageRequest(string Query, int Limit, string? Cursor)
{
    public const int LimitMax = 100;
    public const int LimitDefault = 20;

    /// <summary>The query language's own limit, kept here too: what is longer stops before it costs anything.</summary>
    public const int QueryCharactersMax = 2000;

    public const int CursorCharactersMax = 1024;

    /// <summary>Throws a 400 that says which parameter is wrong and what it should be.</summary>
    public static PageRequest Read(string? q, string? limit, string? cursor)
    {
        if (q?.Length > QueryCharactersMax) throw Wrong($"q may have up to {QueryCharactersMax} characters.");
        return new(q ?? "", ReadLimit(limit), ReadCursor(cursor));
    }

    private static int ReadLimit(string? text)
    {
        if (text is null) return LimitDefault;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            && limit is >= 1 and <= LimitMax
                ? limit
                : throw Wrong($"limit is a whole number from 1 to {LimitMax}.");
    }

    /// <summary>A cursor means something to the back end only; here it just has to look like one.</summary>
    private static string? ReadCursor(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (text.Length > CursorCharactersMax || text.Any(character => character is <= ' ' or > '~'))
            throw Wrong("cursor is the 'next' of the page before, unchanged.");
        return text;
    }

    private static ProblemException Wrong(string detail) => new(Problem.BadRequest(detail));
}
