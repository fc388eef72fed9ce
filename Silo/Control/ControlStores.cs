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

    /// <summary>Throws when the store cannot be asked.</summary>
    public Task CheckAAsync(CancellationToken cancel) => CheckAsync(_a, cancel);

    /// <inheritdoc cref="CheckAAsync"/>
    public Task CheckBAsync(CancellationToken cancel) => CheckAsync(_b, cancel);

    private static async Task CheckAsync(IBlobStore store, CancellationToken cancel)
    {
        await foreach (var _ in store.ListAsync("keys/", null, cancel)) break;
    }

    public void Dispose()
    {
        (_a as IDisposable)?.Dispose();
        (_b as IDisposable)?.Dispose();
    }
}
