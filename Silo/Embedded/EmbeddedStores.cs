using AMA.Adapters.Local;

namespace AMA.Silo.Embedded;

/// <summary>The file stores of an embedded archive, one folder each; Control opens its own.</summary>
public sealed class EmbeddedStores : IDisposable
{
    private readonly List<FileBlobStore> _all = [];

    public EmbeddedStores(DataDirectory data, DurableFiles files)
    {
        FileBlobStore Open(string path)
        {
            var store = new FileBlobStore(path, files);
            _all.Add(store);
            return store;
        }
        Primary = Open(data.Primary);
        Backup = Open(data.Backup);
        Spool = [.. data.Spool.Select(Open)];
    }

    public FileBlobStore Primary { get; }
    public FileBlobStore Backup { get; }
    public IReadOnlyList<FileBlobStore> Spool { get; }

    public void Dispose()
    {
        foreach (var store in _all)
            store.Dispose();
    }
}
