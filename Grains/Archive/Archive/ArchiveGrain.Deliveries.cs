using AMA.Archive.Ids;
using AMA.Archive.Retention;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Archive;

/// <remarks>What became of single deliveries, and of those of a day: docs/completeness.md.</remarks>
public sealed partial class ArchiveGrain
{
    public Task<DeliveryPlaces> FindDeliveries(RecordRef[] deliveries) => Task.FromResult(new DeliveryPlaces(
        Array.ConvertAll(deliveries, one =>
            _state.TryFindDone(new(new SegmentId(one.Segment), one.RecNo), out var batch) ? batch : (ulong?)null),
        _writer.LeaseState().State == "locked"));

    public Task<Guid[]> GoneOf(ushort retentionClass, uint epoch, Guid[] records)
    {
        var part = new RetentionPart(_tenant, retentionClass, epoch);
        var held = _state.IsOver(part) ? _state.HeldOf(part).ToHashSet() : null;
        return Task.FromResult(Array.FindAll(
            records, record => _state.IsErased(record) || held?.Contains(record) == false));
    }

    public Task<DaysView> Days(DateOnly? one)
    {
        IEnumerable<DayCount> days = one is { } day ? OneOrNone(_state.Days.Find(day)) : _state.Days.All;
        return Task.FromResult(new DaysView(_state.NextBatch, [.. days.Select(View)]));
    }

    private static DayCount[] OneOrNone(DayCount? day) => day is null ? [] : [day];

    private static DayView View(DayCount day) => new(
        day.Day, day.FirstBatch, day.LastBatch,
        [.. day.Sources.Select(source => new DaySource(source.Source, source.Archived, source.Duplicates))]);
}
