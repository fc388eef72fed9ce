using System.Globalization;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"30m", "2h", "3d" or "off", as seconds; 0 is off.</summary>
internal static class Interval
{
    private const string Off = "off";

    private static readonly (char Unit, int Seconds)[] Units = [('d', 86_400), ('h', 3_600), ('m', 60)];

    public static bool TryRead(string text, out int seconds)
    {
        seconds = 0;
        if (text == Off) return true;
        var unit = Units.FirstOrDefault(one => text.EndsWith(one.Unit)).Seconds;
        if (unit == 0 || !int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number == 0 || number > int.MaxValue / unit) return false;
        seconds = number * unit;
        return true;
    }

    /// <summary>In the largest unit that gives a whole number.</summary>
    public static string Text(int seconds)
    {
        foreach (var (unit, length) in Units)
            if (seconds % length == 0) return $"{seconds / length}{unit}";
        return $"{seconds} s";
    }
}
