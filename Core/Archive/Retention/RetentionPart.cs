using AMA.Archive.Ids;

namespace AMA.Archive.Retention;

/// <summary>
/// The part of a tenant's archive that expires together: a retention class and an expiry month.
/// Class 1 keeps 120 months. Epoch = year * 12 + month - 1, UTC, of acceptance plus the class's months.
/// One key tree, one index and own packs belong to each part.
/// </summary>
public readonly record struct RetentionPart(TenantId Tenant, ushort Class, uint Epoch)
{
    public const ushort DefaultClass = 1;
    public const int DefaultMonths = 120;

    public static RetentionPart At(TenantId tenant, DateTimeOffset accepted) =>
        new(tenant, DefaultClass, EpochOf(accepted, DefaultMonths));

    public static uint EpochOf(DateTimeOffset accepted, int months)
    {
        var utc = accepted.UtcDateTime;
        return (uint)(utc.Year * 12 + utc.Month - 1 + months);
    }

    /// <summary>"{tenant}/{class}/{epoch}": grain keys and blob names.</summary>
    public override string ToString() => $"{Tenant}/{Class}/{Epoch}";

    public static RetentionPart Parse(string text)
    {
        var fields = text.Split('/');
        return new(TenantId.Parse(fields[0]), ushort.Parse(fields[1]), uint.Parse(fields[2]));
    }
}
