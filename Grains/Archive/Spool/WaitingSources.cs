using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Spool;

/// <summary>
/// What was read from the spool and is not committed, by source: it was accepted, so its source was not silent. For the
/// spool reader's turns; bounded by the records that it knows.
/// </summary>
public sealed class WaitingSources
{
    private readonly Dictionary<(TenantId Tenant, Guid Source), (long Waiting, DateTimeOffset Last)> _sources = [];

    public void Add(TenantId tenant, WaitingRecord record)
    {
        var (waiting, last) = _sources.GetValueOrDefault((tenant, record.Source));
        _sources[(tenant, record.Source)] = (waiting + 1, record.AcceptedAt > last ? record.AcceptedAt : last);
    }

    public void Done(TenantId tenant, WaitingRecord record)
    {
        var (waiting, last) = _sources.GetValueOrDefault((tenant, record.Source));
        if (waiting > 1) _sources[(tenant, record.Source)] = (waiting - 1, last);
        else _sources.Remove((tenant, record.Source));
    }

    /// <summary>Of one tenant, or (null) of all.</summary>
    public WaitingSource[] Of(TenantId? tenant) =>
        [.. _sources.Where(one => tenant is null || one.Key.Tenant == tenant)
            .Select(one => new WaitingSource(one.Key.Tenant.Value, one.Key.Source, one.Value.Waiting, one.Value.Last))];
}
