using System.Collections.Concurrent;

namespace AMA.Adapters.Hosting.Metrics;

/// <summary>Who a number is about: ids, never a name or an address.</summary>
public readonly record struct SourceLabel(string Tenant, string Source)
{
    /// <summary>Everybody beyond the limit, summed.</summary>
    public static SourceLabel Other { get; } = new("other", "other");

    public KeyValuePair<string, object?> TenantTag => new("tenant", Tenant);

    public KeyValuePair<string, object?> SourceTag => new("source", Source);
}

/// <summary>
/// Labels of counters by source. Each costs the process and whoever stores the metrics a row for good, so the first so
/// many have one of their own, the rest one together. Safe for many threads.
/// </summary>
public sealed class SourceLabels(int max = SourceLabels.MaxDefault)
{
    public const int MaxDefault = 1_000;

    private readonly ConcurrentDictionary<(Guid Tenant, Guid Source), SourceLabel> _labels = new();

    /// <param name="source">Null or empty: none is known.</param>
    public SourceLabel Of(Guid tenant, Guid? source)
    {
        var key = (tenant, source ?? Guid.Empty);
        if (_labels.TryGetValue(key, out var label)) return label;
        if (_labels.Count >= max) return SourceLabel.Other;
        return _labels.GetOrAdd(key, new SourceLabel(Text(tenant), Text(key.Item2)));
    }

    private static string Text(Guid id) => id == Guid.Empty ? "none" : id.ToString("N");
}
