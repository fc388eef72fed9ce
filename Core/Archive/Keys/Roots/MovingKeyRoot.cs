namespace AMA.Archive.Keys.Roots;

/// <summary>
/// A store's key root while it moves to another one: everything new is made in and wrapped by the new root, what the old
/// one wrapped goes on opening. Disposes of both.
/// </summary>
public sealed class MovingKeyRoot(IKeyRoot to, IKeyRoot from) : IKeyRoot
{
    public IKeyRoot To => to;

    public IKeyRoot From => from;

    public string Description => $"{to.Description}, moving from {from.Description}";

    public Task<RootKey> EnsureAsync(string name, CancellationToken cancel) => to.EnsureAsync(name, cancel);

    public Task<RootKey> RotateAsync(string name, CancellationToken cancel) => to.RotateAsync(name, cancel);

    public async Task<IReadOnlyList<RootKey>> ListAsync(CancellationToken cancel) =>
        [.. await to.ListAsync(cancel), .. await from.ListAsync(cancel)];

    public async Task<byte[]> WrapAsync(
        RootKey key, KeyType type, string context, Secret secret, CancellationToken cancel)
    {
        try
        {
            return await to.WrapAsync(key, type, context, secret, cancel);
        }
        catch (KeyRootException e) when (e.Fault == KeyRootFault.Missing)
        {
            return await from.WrapAsync(key, type, context, secret, cancel);
        }
    }

    public async Task<Secret> UnwrapAsync(
        KeyType type, string context, ReadOnlyMemory<byte> blob, CancellationToken cancel)
    {
        try
        {
            return await to.UnwrapAsync(type, context, blob, cancel);
        }
        catch (KeyRootException e) when (e.Fault == KeyRootFault.Missing)
        {
            return await from.UnwrapAsync(type, context, blob, cancel);
        }
    }

    /// <summary>Both may have a key of that name and version: the id says whose it is.</summary>
    public async Task<DateTimeOffset> DestroyAsync(RootKey key, CancellationToken cancel)
    {
        var owner = (await to.ListAsync(cancel)).Any(found => found.Id == key.Id) ? to : from;
        return await owner.DestroyAsync(key, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await to.DisposeAsync();
        await from.DisposeAsync();
    }
}
