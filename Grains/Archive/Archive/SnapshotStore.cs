using System.Text.Json;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Archive;

/// <summary>Keeps a tenant's newest snapshot under one name, replaced only by a newer one.</summary>
public sealed class SnapshotStore(IBlobStore primary, TenantId tenant, ILogger log)
{
    private readonly string _name = $"state/{tenant}/snapshot.json";
    private string? _etag;

    /// <summary>The snapshot, or null when there is none that can be read: the log is then read from its beginning.</summary>
    public async ValueTask<ArchiveSnapshot?> LoadAsync(CancellationToken cancel)
    {
        var blob = await primary.GetAsync(_name, cancel);
        _etag = blob?.ETag;
        if (blob is null) return null;
        try
        {
            return JsonSerializer.Deserialize<ArchiveSnapshot>(blob.Content.Span);
        }
        catch (JsonException)
        {
            ArchiveLog.SnapshotUnreadable(log, tenant);
            return null;
        }
    }

    /// <summary>False when another writer has replaced it meanwhile: that one knows better.</summary>
    public async ValueTask<bool> SaveAsync(ArchiveSnapshot snapshot, CancellationToken cancel)
    {
        var result = await primary.PutIfMatchAsync(_name, JsonSerializer.SerializeToUtf8Bytes(snapshot), _etag, cancel);
        if (result.Done) _etag = result.ETag;
        return result.Done;
    }
}
