namespace AMA.Adapters.Hosting.Metrics;

/// <summary>The meters that are exported; each process has some of them.</summary>
public static class MeterNames
{
    public const string Smtp = "AMA.Smtp";
    public const string Archive = "AMA.Archive";

    /// <summary>Ours, .NET's own, and HTTP requests by route.</summary>
    public static IReadOnlyList<string> All { get; } = [Smtp, Archive, "System.Runtime", "Microsoft.AspNetCore.Hosting"];
}
