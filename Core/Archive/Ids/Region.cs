namespace AMA.Archive.Ids;

/// <summary>Where a tenant's data lives and stays. The numbers stand in every format.</summary>
public enum Region : ushort
{
    Eu = 1,
    Us = 2,
}

public static class RegionText
{
    /// <summary>"eu" or "us": the form in names, settings and answers.</summary>
    public static string Text(this Region region) => region switch
    {
        Region.Eu => "eu",
        Region.Us => "us",
        _ => throw new ArgumentOutOfRangeException(nameof(region), region, "unknown region"),
    };

    public static bool TryParse(string? text, out Region region)
    {
        region = text switch { "eu" => Region.Eu, "us" => Region.Us, _ => 0 };
        return region != 0;
    }
}
