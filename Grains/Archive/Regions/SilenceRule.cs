using AMA.Archive.Access;

namespace AMA.Grains.Archive.Regions;

/// <summary>Whether a source is silent: docs/smtp.md, "Silence".</summary>
public static class SilenceRule
{
    /// <summary>
    /// Since when the source is silent; null: it isn't, or that can't be known. Measured against the last look at the
    /// queue that left nothing unread, not against the clock: what lies in a queue that is behind may be the source's.
    /// </summary>
    /// <param name="lastSeen">When something of the source was accepted last; null: never.</param>
    /// <param name="lookedAt">When that look began; null: there was none yet.</param>
    public static DateTimeOffset? Since(MailSource source, DateTimeOffset? lastSeen, DateTimeOffset? lookedAt)
    {
        if (source.ExpectedSeconds is not { } seconds || lookedAt is null) return null;
        var from = source.ExpectedSince ?? DateTimeOffset.MinValue;
        if (lastSeen > from) from = lastSeen.Value;
        var due = from.AddSeconds(seconds);
        return lookedAt > due ? due : null;
    }
}
