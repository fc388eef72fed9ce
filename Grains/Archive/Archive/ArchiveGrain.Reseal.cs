using AMA.Archive.Retention;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Archive;

/// <remarks>What a re-seal of a part commits, and what it must know. docs/erasure.md, "Sealing a part anew".</remarks>
public sealed partial class ArchiveGrain
{
    public Task<Guid[]> ErasedOf(Guid[] records) => Task.FromResult(Array.FindAll(records, _state.IsErased));

    public Task Retire(ushort retentionClass, uint epoch, uint generation) =>
        WritingAsync(() => _writer.RetireAsync(new(_tenant, retentionClass, epoch), generation));

    public Task<CommittedBatch?> Reseal(ResealRequest request) => WritingAsync(async () =>
    {
        await LeaseSomethingAsync();
        return await _writer.ResealAsync(request);
    });

    public Task<ulong> EndTree(ushort retentionClass, uint epoch, uint generation) => WritingAsync(async () =>
    {
        await LeaseSomethingAsync();
        return await _writer.EndTreeAsync(new(_tenant, retentionClass, epoch), generation);
    });

    public Task Hold(ErasedLeaf[] leaves, bool on) => WritingAsync(async () =>
    {
        await LeaseSomethingAsync();
        await _writer.HoldAsync(leaves, on);
    });

    public Task<ulong> EndPart(ushort retentionClass, uint epoch) => WritingAsync(async () =>
    {
        await LeaseSomethingAsync();
        return await _writer.EndPartAsync(new(_tenant, retentionClass, epoch));
    });

    public async Task KeepHeldInIndex(ushort retentionClass, uint epoch, bool isOpen)
    {
        var part = new RetentionPart(_tenant, retentionClass, epoch);
        if (_state.HeldOf(part) is { Length: > 0 } held)
        {
            if (!isOpen) return;
            await LevelIndex(retentionClass, epoch);
            await IndexOf(part).KeepOnly(held);
        }
        else await IndexOf(part).Delete();
    }

    public Task<uint> PartFor(ushort retentionClass, uint epoch) => Task.FromResult(
        _state.IsOver(new(_tenant, retentionClass, epoch))
            ? RetentionPart.EpochOf(room.Time.GetUtcNow(), RetentionPart.DefaultMonths)
            : epoch);

    public async Task LevelIndex(ushort retentionClass, uint epoch)
    {
        var part = new RetentionPart(_tenant, retentionClass, epoch);
        if (!_state.Parts.TryGetValue(part, out var count)) return;
        await IndexOf(part).CatchUp(count.FirstBatch, _state.NextBatch);
        _state.Indexed(part, (await IndexOf(part).Save()).Below);
    }

    public async Task<ArchivePositions> BackUp()
    {
        await _backup.RunAsync(_state);
        if (_state.BackedUpBelow < _state.NextBatch) await _backup.RunAsync(_state); // committed while that one ran
        return await Positions();
    }
}
