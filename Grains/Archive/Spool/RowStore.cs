using System.Text.Json;
using AMA.Archive.Blobs;

namespace AMA.Grains.Archive.Spool;

/// <summary>What is remembered of the gateways' rows: docs/formats/spool-rows.md. Numbers, no content.</summary>
public sealed record RowsFile(RowEntry[] Rows, KnownGap[] Gaps, DateTimeOffset? LostBefore)
{
    public static RowsFile Empty { get; } = new([], [], null);
}

/// <param name="HeardAt">When a segment of the row was finished last.</param>
/// <param name="Ends">Behind the first number up to the second, behind the third up to the fourth … all is finished or
/// was given up.</param>
public sealed record RowEntry(Guid Gateway, DateTimeOffset HeardAt, ulong[] Ends);

/// <param name="NoticedAt">UTC.</param>
public sealed record KnownGap(Guid Gateway, ulong First, ulong Last, DateTimeOffset NoticedAt)
{
    public bool Holds(RowPlace place) =>
        place.Gateway == Gateway && First <= place.Sequence && place.Sequence <= Last;

    /// <summary>What is left of it once a segment of it has turned up.</summary>
    public IEnumerable<KnownGap> Without(RowPlace found)
    {
        if (!Holds(found)) return [this];
        return new[] { this with { Last = Math.Min(found.After, found.Sequence - 1) }, this with { First = found.Sequence + 1 } }
            .Where(rest => rest.First <= rest.Last);
    }
}

/// <summary>The file in the primary store; whoever writes it has read the version before.</summary>
public sealed class RowStore(IBlobStore primary)
{
    public const string Name = "state/spool/rows.json";

    /// <summary>Marks of finished segments: where there is one, there were rows.</summary>
    private const string DonePrefix = "done/";

    private string? _etag;

    /// <summary>
    /// The file; where it is missing or can't be read though segments were finished, an empty one that says what was
    /// lost.
    /// </summary>
    public async Task<(RowsFile File, bool Lost)> LoadAsync(DateTimeOffset now)
    {
        var blob = await primary.GetAsync(Name, default);
        _etag = blob?.ETag;
        if (blob is not null && TryRead(blob.Content.Span) is { } file) return (file, false);
        if (blob is null && !await AnyDoneAsync()) return (RowsFile.Empty, false);
        return (RowsFile.Empty with { LostBefore = now }, true);
    }

    /// <summary>False: another activation wrote it meanwhile; load it and begin again.</summary>
    public async Task<bool> SaveAsync(RowsFile file)
    {
        var result = await primary.PutIfMatchAsync(Name, JsonSerializer.SerializeToUtf8Bytes(file), _etag, default);
        if (result.Done) _etag = result.ETag;
        return result.Done;
    }

    private static RowsFile? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<RowsFile>(json) is { Rows: not null, Gaps: not null } file ? file : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<bool> AnyDoneAsync()
    {
        await foreach (var _ in primary.ListAsync(DonePrefix, null, default))
            return true;
        return false;
    }
}
