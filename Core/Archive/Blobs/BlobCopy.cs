namespace AMA.Archive.Blobs;

/// <summary>Copies a blob of any length from one store to another, piece by piece.</summary>
public static class BlobCopy
{
    private const int PieceBytes = 1 << 20;

    /// <summary>
    /// Durable when it returns; a name that is taken stays as it is. Throws <see cref="BlobNotFoundException"/> when
    /// there is no such blob, <see cref="BlobStoreException"/> when a store fails.
    /// </summary>
    public static async ValueTask CopyAsync(
        IBlobStore source, string name, IBlobStore target, string newName, CancellationToken cancel)
    {
        var info = await source.StatAsync(name, cancel) ?? throw new BlobNotFoundException(name);
        await using var writer = await target.CreateAsync(newName, cancel);
        var piece = new byte[(int)Math.Min(PieceBytes, info.Length)];
        for (var at = 0L; at < info.Length;)
        {
            var read = await source.ReadAsync(name, at, piece, cancel);
            if (read == 0) throw new BlobStoreException($"{name} ended before its {info.Length} B", transient: false);
            await writer.WriteAsync(piece.AsMemory(0, (int)Math.Min(read, info.Length - at)), cancel);
            at += read;
        }
        await writer.CommitAsync(cancel);
    }
}
