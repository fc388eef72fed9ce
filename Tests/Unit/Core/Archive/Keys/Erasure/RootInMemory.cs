using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Archive.Sealing;

namespace AMA.Tests.Unit.Core.Archive.Keys.Erasure;

/// <summary>A key root whose recovery days and silences a test decides.</summary>
internal sealed class RootInMemory(IRandom random, TimeProvider time) : IKeyRoot
{
    private readonly Dictionary<RootKey, Secret> _keys = [];

    public bool IsAway { get; set; }

    /// <summary>No call ever answers.</summary>
    public bool Hangs { get; set; }

    /// <summary>As a vault's soft delete.</summary>
    public TimeSpan RecoveryDays { get; set; }

    public string Description => "memory";

    public IEnumerable<string> Names => _keys.Keys.Select(key => key.Name);

    public Task<RootKey> EnsureAsync(string name, CancellationToken cancel) =>
        Do(() => _keys.Keys.Where(key => key.Name == name).MaxBy(key => key.Version) ?? Make(name));

    public Task<RootKey> RotateAsync(string name, CancellationToken cancel) => Do(() => Make(name));

    public Task<IReadOnlyList<RootKey>> ListAsync(CancellationToken cancel) =>
        Do<IReadOnlyList<RootKey>>(() => [.. _keys.Keys]);

    public Task<byte[]> WrapAsync(
        RootKey key, KeyType type, string context, Secret secret, CancellationToken cancel) =>
        Do(() => KeyBlob.Wrap(_keys[key], key.Id, key.Version, type, context, secret.Span, random));

    public Task<Secret> UnwrapAsync(
        KeyType type, string context, ReadOnlyMemory<byte> blob, CancellationToken cancel) => Do(() =>
    {
        var head = KeyBlob.Peek(blob.Span);
        var key = _keys.Keys.FirstOrDefault(key => key.Id == head.WrappingKeyId)
            ?? throw new KeyRootException(KeyRootFault.Missing, "no such key");
        return KeyBlob.Unwrap(_keys[key], key.Id, blob.Span, type, context);
    });

    public Task<DateTimeOffset> DestroyAsync(RootKey key, CancellationToken cancel) => Do(() =>
    {
        if (_keys.Remove(key, out var secret)) secret.Dispose();
        return time.GetUtcNow() + RecoveryDays;
    });

    public void LoseEverything() => _keys.Clear();

    public ValueTask DisposeAsync()
    {
        foreach (var secret in _keys.Values) secret.Dispose();
        return default;
    }

    private RootKey Make(string name)
    {
        var last = _keys.Keys.Where(key => key.Name == name).Select(key => key.Version).DefaultIfEmpty(0u).Max();
        var key = new RootKey(name, last + 1, random.NextId(), time.GetUtcNow());
        _keys.Add(key, Secret.Random(random));
        return key;
    }

    private Task<T> Do<T>(Func<T> work)
    {
        if (Hangs) return new TaskCompletionSource<T>().Task;
        if (IsAway) return Task.FromException<T>(new KeyRootException(KeyRootFault.Unavailable, "silent"));
        try
        {
            return Task.FromResult(work());
        }
        catch (KeyRootException fault)
        {
            return Task.FromException<T>(fault);
        }
        catch (SealException fault)
        {
            return Task.FromException<T>(RootBlob.Tampered(fault));
        }
    }
}
