namespace AMA.Archive.Keys.Roots;

/// <summary>Stands for a key root that could not be opened, until it can: answers everything with that fault.</summary>
public sealed class SilentKeyRoot(KeyRootException fault) : IKeyRoot
{
    public string Description => fault.Message;

    public Task<RootKey> EnsureAsync(string name, CancellationToken cancel) => Task.FromException<RootKey>(Fault);

    public Task<RootKey> RotateAsync(string name, CancellationToken cancel) => Task.FromException<RootKey>(Fault);

    public Task<IReadOnlyList<RootKey>> ListAsync(CancellationToken cancel) =>
        Task.FromException<IReadOnlyList<RootKey>>(Fault);

    public Task<byte[]> WrapAsync(
        RootKey key, KeyType type, string context, Secret secret, CancellationToken cancel) =>
        Task.FromException<byte[]>(Fault);

    public Task<Secret> UnwrapAsync(
        KeyType type, string context, ReadOnlyMemory<byte> blob, CancellationToken cancel) =>
        Task.FromException<Secret>(Fault);

    public Task<DateTimeOffset> DestroyAsync(RootKey key, CancellationToken cancel) =>
        Task.FromException<DateTimeOffset>(Fault);

    public ValueTask DisposeAsync() => default;

    private KeyRootException Fault => new(fault.Fault, fault.Message, fault);
}
