using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Regions;

/// <summary>
/// Looks now and then which of the sources that are expected are silent. Pure but for its questions. For the region
/// grain's turns.
/// </summary>
/// <param name="askArchive">What a tenant's archive counted by source; null: it can't tell now.</param>
public sealed class SilenceRounds(
    Func<Task<SpoolSources>> askSpool, Func<TenantId, Task<SourceTally[]?>> askArchive, TimeProvider time)
{
    /// <summary>A look costs a question to each archive that has such a source, some at a time.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <summary>The queue is behind when its last complete look, or its oldest message, is older.</summary>
    public static readonly TimeSpan BehindMax = TimeSpan.FromMinutes(5);

    private const int AskedAtOnce = 32;

    private readonly Dictionary<Guid, AlarmView> _silent = [];
    private long? _looked;

    /// <summary>Of the last look: <see cref="SpoolSources.BehindSeconds"/>.</summary>
    public double BehindSeconds { get; private set; }

    public bool Due => _looked is not { } last || time.GetElapsedTime(last) >= Every;

    /// <summary>All alarms that last now. An archive that can't tell leaves its sources' as they were.</summary>
    public async Task<AlarmView[]> LookAsync(IReadOnlyList<PublishedTenant> tenants)
    {
        _looked = time.GetTimestamp();
        // The spool first: what is committed between the two questions is then in one of the answers at least.
        var spool = await askSpool();
        BehindSeconds = spool.BehindSeconds;
        var expected = tenants.Where(one => one.Sources.Any(source => source.ExpectedSeconds is not null)).ToArray();
        var waiting = spool.Waiting.ToLookup(one => (one.Tenant, one.Source));
        foreach (var some in expected.Chunk(AskedAtOnce))
            await Task.WhenAll(some.Select(tenant => LookAsync(tenant, spool, waiting)));
        var known = expected.SelectMany(tenant => tenant.Sources).Where(one => one.ExpectedSeconds is not null)
            .Select(one => one.Id).ToHashSet();
        foreach (var gone in _silent.Keys.Where(id => !known.Contains(id)).ToArray()) _silent.Remove(gone);
        return Behind(spool) is { } behind ? [behind, .. _silent.Values] : [.. _silent.Values];
    }

    private async Task LookAsync(
        PublishedTenant tenant, SpoolSources spool, ILookup<(Guid, Guid), WaitingSource> waiting)
    {
        if (await askArchive(new TenantId(tenant.Tenant)) is not { } counted) return;
        var seen = counted.ToDictionary(one => one.Source, one => one.LastSeen);
        foreach (var source in tenant.Sources.Where(one => one.ExpectedSeconds is not null))
        {
            DateTimeOffset? last = seen.TryGetValue(source.Id, out var archived) ? archived : null;
            foreach (var one in waiting[(tenant.Tenant, source.Id)])
                if (last is null || one.LastAccepted > last) last = one.LastAccepted;
            if (SilenceRule.Since(source, last, spool.LookedAt) is { } since)
                _silent[source.Id] = new(AlarmKinds.SourceSilent, since) { Tenant = tenant.Tenant, Source = source.Id };
            // An alarm ends when something has come, or is no longer due; not because the queue can't be seen.
            else if (spool.LookedAt is not null)
                _silent.Remove(source.Id);
        }
    }

    private AlarmView? Behind(SpoolSources spool)
    {
        var since = time.GetUtcNow() - TimeSpan.FromSeconds(spool.BehindSeconds);
        return spool.BehindSeconds > BehindMax.TotalSeconds ? new(AlarmKinds.SpoolBehind, since) : null;
    }
}
