namespace AMA.Archive.Keys.Roots;

/// <summary>
/// Where the keys at the top of the hierarchy live: a file, a hardware module or a vault. Each of Control's two stores
/// has its own. Keys are made in it, named, used by it and destroyed in it; none is ever handed out. What they wrap are
/// few and small things: the region's root key, and each week's erasure key. Safe for several callers at once. Every
/// method throws <see cref="KeyRootException"/>. One contract suite runs against every implementation.
/// </summary>
public interface IKeyRoot : IAsyncDisposable
{
    /// <summary>"software", "pkcs11" or "keyvault"; and where, for messages to the operator. No secret in it.</summary>
    string Description { get; }

    /// <summary>The newest version of the named key, made if there is none. Durable when it returns.</summary>
    /// <param name="name">1 to 64 characters of [a-z0-9-].</param>
    Task<RootKey> EnsureAsync(string name, CancellationToken cancel);

    /// <summary>A new version; older ones go on unwrapping until they are destroyed.</summary>
    Task<RootKey> RotateAsync(string name, CancellationToken cancel);

    /// <summary>Every version of every key that can still unwrap, or whose destruction is not final yet.</summary>
    Task<IReadOnlyList<RootKey>> ListAsync(CancellationToken cancel);

    /// <summary>An AMK1 blob that names the key and its version, bound to type and context.</summary>
    Task<byte[]> WrapAsync(RootKey key, KeyType type, string context, Secret secret, CancellationToken cancel);

    /// <summary>
    /// The secret, for the caller to dispose of. The blob says which version of which key opens it; fault Missing when
    /// this root has no such key (any more), Tampered when the blob is not what was wrapped.
    /// </summary>
    Task<Secret> UnwrapAsync(KeyType type, string context, ReadOnlyMemory<byte> blob, CancellationToken cancel);

    /// <summary>
    /// Destroys one version. Answers when the destruction is final: now, or the end of the vault's recovery days.
    /// </summary>
    Task<DateTimeOffset> DestroyAsync(RootKey key, CancellationToken cancel);
}

/// <param name="Id">Names key and version in the blobs that it wraps; says nothing about the key.</param>
/// <param name="FinalAt">Null while it is usable; then when its destruction is, or was, final.</param>
public sealed record RootKey(
    string Name, uint Version, Guid Id, DateTimeOffset CreatedAt, DateTimeOffset? FinalAt = null);

public enum KeyRootFault
{
    /// <summary>No such key, or destroyed.</summary>
    Missing,
    /// <summary>Wrong passphrase, PIN or credential, or the key may not do this.</summary>
    Denied,
    /// <summary>Away or throttled: a later try may succeed.</summary>
    Unavailable,
    /// <summary>A blob that this root did not wrap so.</summary>
    Tampered,
    /// <summary>Settings or device don't fit: the message says what to change.</summary>
    Misconfigured,
}

/// <summary>A key root's no. The message says what to do, and holds no secret.</summary>
public sealed class KeyRootException(KeyRootFault fault, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public KeyRootFault Fault { get; } = fault;
    public bool IsTransient => Fault == KeyRootFault.Unavailable;

    /// <summary>The root answers nothing, or not to us: what it wraps may be all right.</summary>
    public bool IsSilent => Fault is KeyRootFault.Unavailable or KeyRootFault.Denied;
}
