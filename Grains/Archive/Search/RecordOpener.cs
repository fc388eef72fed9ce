using AMA.Archive.Keys.Leases;
using AMA.Archive.Packs;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using AMA.Grains.Archive.Archive;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Search;

/// <summary>Opens single archived messages for one signed-in person, each look under its own read lease.</summary>
public sealed class RecordOpener(StorePair stores, LeaseClient leases)
{
    /// <summary>The message, to be read once from begin to end and disposed of; reading ends with the lease.</summary>
    public async Task<OpenRecord> OpenAsync(RetentionPart part, SealedPlace place, string accessToken, CancellationToken cancel)
    {
        var lease = await leases.ReadAsync(part, accessToken, [LeafOf(place)]);
        try
        {
            return new(lease, await OpenAsync(part, place, lease, cancel));
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The preambles of a record and its further deliveries, first things first. Of a part that has ended a delivery may
    /// be erased whose record is held: it is left out.
    /// </summary>
    public async Task<IReadOnlyList<Preamble>> PreamblesAsync(
        RetentionPart part, IReadOnlyList<SealedPlace> places, string accessToken, CancellationToken cancel)
    {
        try
        {
            return await AllPreamblesAsync(part, places, accessToken, cancel);
        }
        catch (ArchiveException gone) when (gone.Refusal == ArchiveRefusal.NotFound && places.Count > 1)
        {
            var left = new List<Preamble>(await AllPreamblesAsync(part, [places[0]], accessToken, cancel));
            foreach (var place in places.Skip(1))
                if (await PreambleAsync(part, place, accessToken, cancel) is { } preamble) left.Add(preamble);
            return left;
        }
    }

    /// <summary>Null: erased.</summary>
    private async Task<Preamble?> PreambleAsync(
        RetentionPart part, SealedPlace place, string accessToken, CancellationToken cancel)
    {
        try
        {
            return (await AllPreamblesAsync(part, [place], accessToken, cancel))[0];
        }
        catch (ArchiveException gone) when (gone.Refusal == ArchiveRefusal.NotFound)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<Preamble>> AllPreamblesAsync(
        RetentionPart part, IReadOnlyList<SealedPlace> places, string accessToken, CancellationToken cancel)
    {
        using var lease = await leases.ReadAsync(part, accessToken, places.Select(LeafOf));
        var preambles = new List<Preamble>(places.Count);
        foreach (var place in places)
        {
            await using var payload = await OpenAsync(part, place, lease, cancel);
            preambles.Add(payload.Preamble);
        }
        return preambles;
    }

    private static TreeLeaf LeafOf(SealedPlace place) => new(place.TreeGeneration, place.Leaf);

    private async Task<PayloadReader> OpenAsync(
        RetentionPart part, SealedPlace place, HeldLease lease, CancellationToken cancel)
    {
        var pack = await PackReader.OpenAsync(stores.Primary, PackNames.Of(part, place.Pack), cancel);
        var message = await pack.OpenMessageAsync(place.PackRecord, cancel);
        lease.Check();
        var key = lease.LeafKey(part, LeafOf(place)) ?? throw new LeaseEndedException();
        return await PayloadReader.OpenAsync(
            message.Header, SealedMessage.OpenBody(key.Span, message.Header, message.Body),
            MessagePayload.RawBytesMax, cancel);
    }
}

/// <summary>A message that is open for one look.</summary>
public sealed class OpenRecord(HeldLease lease, PayloadReader content) : IAsyncDisposable
{
    public Preamble Preamble => content.Preamble;

    /// <summary>Reads on; the deadline is checked again before any byte leaves.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        var count = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        lease.Check();
        return count;
    }

    /// <summary>Once more before something made of the bytes leaves.</summary>
    public void CheckBeforeAnswer() => lease.Check();

    public async ValueTask DisposeAsync()
    {
        await content.DisposeAsync();
        lease.Dispose();
    }
}
