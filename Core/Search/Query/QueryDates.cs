using System.Globalization;

namespace AMA.Search.Query;

/// <summary>Days of a query: 2015-01-31, or shorter a whole month or year.</summary>
internal static class QueryDates
{
    private const string Dots = "..";

    public static DateNode Parse(DateBound bound, string text, int at)
    {
        if (bound == DateBound.After) return new(Day(text, at).First, null);
        if (bound == DateBound.Before) return Before(Day(text, at).First, at);
        var dots = text.IndexOf(Dots, StringComparison.Ordinal);
        if (dots < 0)
        {
            var (first, last) = Day(text, at);
            return new(first, last);
        }
        var from = text[..dots];
        var to = text[(dots + Dots.Length)..];
        if (from.Length + to.Length == 0) throw new QueryException("write a day before or behind the dots", at);
        return Range(from.Length == 0 ? null : Day(from, at).First, to.Length == 0 ? null : Day(to, at).Last, at);
    }

    private static DateNode Before(DateOnly day, int at) => day == DateOnly.MinValue
        ? throw new QueryException("nothing is older than that: write a later day", at)
        : new(null, day.AddDays(-1));

    private static DateNode Range(DateOnly? first, DateOnly? last, int at) => first > last
        ? throw new QueryException("write the earlier day first", at)
        : new(first, last);

    private static (DateOnly First, DateOnly Last) Day(string text, int at)
    {
        if (Is(text, "yyyy-MM-dd", out var day)) return (day, day);
        if (Is(text, "yyyy-MM", out var month)) return (month, new(month.Year, month.Month, Days(month)));
        if (Is(text, "yyyy", out var year)) return (year, new(year.Year, 12, 31));
        throw new QueryException("write a day as 2015-01-31, a month as 2015-01, a year as 2015", at);
    }

    private static int Days(DateOnly month) => DateTime.DaysInMonth(month.Year, month.Month);

    private static bool Is(string text, string format, out DateOnly day) =>
        DateOnly.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}
