using AMA.Archive.Keys.Roots;

namespace AMA.Grains.Control.Keys;

/// <summary>One of Control's two key roots, with the name of the store that it belongs to.</summary>
/// <param name="Name">"a" or "b".</param>
public sealed record StoreKeyRoot(string Name, IKeyRoot Root);

/// <summary>
/// Control's key roots, open from the silo's start to its end. Filled before anything asks; disposed of with the silo.
/// </summary>
public sealed class ControlKeyRoots : IAsyncDisposable, IDisposable
{
    private volatile IReadOnlyList<StoreKeyRoot>? _all;

    /// <summary>Root a, then root b. Throws <see cref="InvalidOperationException"/> before <see cref="Set"/>.</summary>
    public IReadOnlyList<StoreKeyRoot> All =>
        _all ?? throw new InvalidOperationException("Control's key roots are not open yet");

    public void Set(IReadOnlyList<StoreKeyRoot> roots) => _all = roots;

    /// <summary>Changes a store's root while the silo runs. The one before stays the caller's.</summary>
    public void Replace(string name, IKeyRoot root) =>
        _all = [.. All.Select(found => found.Name == name ? found with { Root = root } : found)];

    public async ValueTask DisposeAsync()
    {
        foreach (var root in _all ?? []) await root.Root.DisposeAsync();
    }

    /// <summary>For hosts that end without waiting; no root has much to end.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
