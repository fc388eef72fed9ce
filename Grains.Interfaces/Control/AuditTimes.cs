using System.Globalization;

namespace AMA.Grains.Interfaces.Control;

/// <summary>How a time is written in questions to the audit log: ISO 8601; without an offset it is UTC.</summary>
public static class AuditTimes
{
    public static bool TryParse(string text, out DateTimeOffset time) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
