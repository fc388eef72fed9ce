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
    private IReadOnlyList<StoreKeyRoot>? _all;

    /// <summary>Root a, then root b. Throws <see cref="InvalidOperationException"/> before <see cref="Set"/>.</summary>
    public IReadOnlyList<StoreKeyRoot> All =>
        _all ?? throw new InvalidOperationException("Control's key roots are not open yet");

    public void Set(IReadOnlyList<StoreKeyRoot> roots) => _all = roots;

    public async ValueTask DisposeAsync()
    {
        foreach (var root in _all ?? []) await root.Root.DisposeAsync();
    }

    /// <summary>For hosts that end without waiting; no root has much to end.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
