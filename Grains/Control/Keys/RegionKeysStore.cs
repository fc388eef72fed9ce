using System.Text;
using System.Text.Json;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Grains.Control.Keys;

/// <summary>"keys/{region}", the region's own document, as it lies in Control's stores.</summary>
/// <param name="store">Both stores as one.</param>
public sealed class RegionKeysStore(IBlobStore store, Region region, IRandom random)
{
    /// <summary>Each turn that doesn't end it means that another silo changed the document.</summary>
    private const int TurnsMax = 16;

    private static ReadOnlySpan<byte> SealLabel => "ama/region-keys@v1\0"u8;

    public string Name => NameOf(region);

    public static string NameOf(Region region) => $"keys/{region.Text()}";

    /// <summary>Null: there is none. Throws <see cref="SealException"/> for anything but what Control wrote.</summary>
    public async Task<RegionKeysDocument?> ReadAsync(Secret state, CancellationToken cancel) =>
        await store.GetAsync(Name, cancel) is { } blob ? Open(state, blob.Content.Span) : null;

    /// <param name="generation">One more than that of a document which it stands for; the first is 1.</param>
    public async Task PutIfAbsentAsync(
        Secret state, RegionKeysDocument document, long generation, CancellationToken cancel) =>
        await store.PutIfAbsentAsync(Name, Seal(state, document, generation), cancel);

    /// <summary>The changed document, durable in both stores and the backup.</summary>
    public async Task<RegionKeysDocument> ChangeAsync(
        Secret state, Func<RegionKeysDocument, RegionKeysDocument> change, CancellationToken cancel)
    {
        for (var turn = 0; turn < TurnsMax; turn++)
        {
            var blob = await store.GetAsync(Name, cancel) ?? throw new BlobNotFoundException(Name);
            var next = change(Open(state, blob.Content.Span));
            var generation = StateVersion.GenerationOf(blob.Content.Span) + 1;
            if ((await store.PutIfMatchAsync(Name, Seal(state, next, generation), blob.ETag, cancel)).Done) return next;
        }
        throw new BlobStoreException($"{Name} is changed too often", transient: true);
    }

    public RegionKeysDocument Open(Secret state, ReadOnlySpan<byte> blob)
    {
        if (StateVersion.GenerationOf(blob) < 1) throw new SealException(SealFault.Format, "not a region's document");
        var head = blob[..StateVersion.HeadBytes];
        var json = Cobblestone.Open(state.Span, Context(head), blob[head.Length..]);
        return JsonSerializer.Deserialize(json, ControlJson.Default.RegionKeysDocument)
            ?? throw new JsonException("no document");
    }

    private byte[] Seal(Secret state, RegionKeysDocument document, long generation)
    {
        var head = StateVersion.Head(generation);
        var json = JsonSerializer.SerializeToUtf8Bytes(document, ControlJson.Default.RegionKeysDocument);
        return [.. head, .. Cobblestone.Seal(state.Span, Context(head), json, random)];
    }

    private byte[] Context(ReadOnlySpan<byte> head) => [.. SealLabel, .. Encoding.ASCII.GetBytes(region.Text()), .. head];
}
