using AMA.Archive.Blobs;

namespace AMA.Silo.Control;

/// <summary>Control's two stores, and both as one.</summary>
internal sealed class ControlStores : IDisposable
{
    private const string StateDirectory = "state";

    private readonly IBlobStore _a;
    private readonly IBlobStore _b;

    public ControlStores(ControlSiloOptions options, ControlSiloParts parts)
    {
        _a = parts.OpenStore(Path.Combine(options.DirectoryA, StateDirectory));
        _b = parts.OpenStore(Path.Combine(options.DirectoryB, StateDirectory));
        Both = new(_a, _b, parts.Random);
    }

    public TwinStore Both { get; }

    public void Dispose()
    {
        (_a as IDisposable)?.Dispose();
        (_b as IDisposable)?.Dispose();
    }
}
