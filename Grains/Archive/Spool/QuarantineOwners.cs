using System.Collections.Concurrent;
using System.Text.Json;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Spool;

namespace AMA.Grains.Archive.Spool;

/// <summary>
/// Whose records are in quarantine, as far as they still open: written once beside a segment's copies, so that tenants'
/// counters add up. What doesn't open is the region's alone.
/// </summary>
public sealed class QuarantineOwners(IBlobStore primary)
{
    private const string Prefix = "quarantine/";
    private const string Name = "whose.json";

    /// <summary>Files never change; segments in quarantine are few, or people have other worries.</summary>
    private readonly ConcurrentDictionary<string, Whose> _read = new();

    /// <param name="records">By number; null: it doesn't open.</param>
    public async Task NoteAsync(SegmentId id, IReadOnlyList<Envelope?> records)
    {
        var owners = records.OfType<Envelope>().GroupBy(one => one.Tenant.Value)
            .Select(one => new Owner(one.Key, one.Count()));
        await primary.PutIfAbsentAsync(
            $"{Prefix}{id}/{Name}", JsonSerializer.SerializeToUtf8Bytes(new Whose(records.Count, [.. owners])), default);
    }

    /// <summary>Records of a tenant; of all (null) those too whose nobody knows, at least one for each segment.</summary>
    public async Task<long> CountAsync(TenantId? tenant)
    {
        var segments = new Dictionary<string, Whose>();
        await foreach (var blob in primary.ListAsync(Prefix, null, default))
        {
            var segment = blob.Name.Split('/')[1];
            segments.TryAdd(segment, Whose.Unknown);
            if (blob.Name.EndsWith($"/{Name}", StringComparison.Ordinal)) segments[segment] = await ReadAsync(blob.Name);
        }
        return segments.Values.Sum(one => tenant is { } asked
            ? one.Owners.Where(owner => owner.Tenant == asked.Value).Sum(owner => owner.Records)
            : Math.Max(1, one.Records));
    }

    private async Task<Whose> ReadAsync(string name)
    {
        if (_read.TryGetValue(name, out var known)) return known;
        if (await primary.GetAsync(name, default) is not { } blob) return Whose.Unknown;
        try
        {
            return _read[name] = JsonSerializer.Deserialize<Whose>(blob.Content.Span) ?? Whose.Unknown;
        }
        catch (JsonException)
        {
            return Whose.Unknown;
        }
    }

    private sealed record Owner(Guid Tenant, int Records);

    private sealed record Whose(int Records, Owner[] Owners)
    {
        public static Whose Unknown { get; } = new(0, []);
    }
}
