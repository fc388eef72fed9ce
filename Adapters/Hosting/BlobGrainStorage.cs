using System.Security.Cryptography;
using AMA.Archive.Blobs;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace AMA.Adapters.Hosting;

/// <summary>
/// Grain state in a blob store: sealed, and written only while nobody else has written since it was read (the blob's
/// ETag is in the state's). A cleared state leaves a sealed empty blob, so that clearing is conditional too.
/// </summary>
/// <remarks>
/// The state's ETag is the text of its <see cref="StateVersion"/>: each write counts the generation up.
/// After any fault of a write the state may or may not be stored; the grain deactivates itself and reads again.
/// </remarks>
public sealed class BlobGrainStorage(IBlobStore store, StateSeal seal, IGrainStorageSerializer serializer)
    : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var blob = await ReadAsync(stateName, grainId);
        var name = seal.NameOf(stateName, grainId);
        grainState.ETag = (blob is null ? StateVersion.None(name) : VersionOf(name, blob)).ToString();
        grainState.RecordExists = false;
        if (blob is null) return;
        var plain = seal.Open(stateName, grainId, blob.Content.Span);
        if (plain.Length == 0) return;
        grainState.State = serializer.Deserialize<T>(new BinaryData(plain));
        grainState.RecordExists = true;
        CryptographicOperations.ZeroMemory(plain);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var plain = serializer.Serialize(grainState.State).ToArray();
        await Put(stateName, grainId, grainState, plain);
        grainState.RecordExists = true;
        CryptographicOperations.ZeroMemory(plain);
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Put(stateName, grainId, grainState, []);
        grainState.RecordExists = false;
    }

    private async Task<Blob?> ReadAsync(string stateName, GrainId grainId)
    {
        try
        {
            return await store.GetAsync(seal.NameOf(stateName, grainId), CancellationToken.None);
        }
        catch (BlobStoreException fault)
        {
            // The caller of a grain that cannot activate gets this very exception, in another process.
            throw new GrainStateException($"the state {stateName} could not be read: {fault.Message}");
        }
    }

    private async Task Put<T>(string stateName, GrainId grainId, IGrainState<T> grainState, byte[] plain)
    {
        var known = grainState.ETag is { } text ? StateVersion.Parse(text) : StateVersion.None("");
        var blob = seal.Seal(stateName, grainId, known.Generation + 1, plain);
        var name = seal.NameOf(stateName, grainId);
        var result = await store.PutIfMatchAsync(name, blob, known.StoreETag, CancellationToken.None);
        if (!result.Done)
            throw new InconsistentStateException(
                $"the state {stateName} was written by another activation", "newer", known.ETag);
        grainState.ETag = VersionOf(name, new(blob, result.ETag!)).ToString();
    }

    private static StateVersion VersionOf(string name, Blob blob) => new(
        name, StateVersion.GenerationOf(blob.Content.Span),
        Convert.ToHexStringLower(SHA256.HashData(blob.Content.Span)), blob.ETag);
}
