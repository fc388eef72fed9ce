using AMA.Archive.Keys;

namespace AMA.Search.Sealed;

/// <summary>
/// What the files of one index share: where they lie, whose they are, and where their keys come from.
/// </summary>
internal sealed record SealedPlace(IndexPlace Place, IndexKeys Keys, IndexMachine Machine)
{
    public string Directory => Place.Directory;

    /// <summary>Throws <see cref="IndexLockedException"/> when the index key is gone.</summary>
    public void Derive(ReadOnlySpan<byte> header, ulong keyVersion, string name, Span<byte> derived)
    {
        var key = Keys.Of(keyVersion);
        try
        {
            Amix.Derive(key.Span, header, Place.IndexId, name, derived);
        }
        catch (ObjectDisposedException gone)
        {
            throw new IndexLockedException($"version {keyVersion} of the index key was dropped", gone);
        }
    }
}
