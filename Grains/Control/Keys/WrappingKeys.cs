using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Grains.Control.Keys;

/// <summary>A key that wraps others, with the name and version it has in their blobs.</summary>
internal sealed record WrappingKey(Guid Id, Secret Key, uint Version = 1)
{
    public byte[] Wrap(KeyType type, string context, Secret key, IRandom random) =>
        KeyBlob.Wrap(Key, Id, Version, type, context, key.Span, random);

    public Secret Unwrap(KeyType type, string context, ReadOnlySpan<byte> blob) =>
        KeyBlob.Unwrap(Key, Id, blob, type, context);
}

/// <summary>
/// The versions of a wrapping key: the newest wraps, every one that is still there unwraps. Safe for several threads;
/// who replaces a version does so only when nothing is wrapped under it any more.
/// </summary>
internal sealed class WrappingKeys(WrappingKey newest) : IDisposable
{
    private volatile WrappingKey[] _all = [newest];
    private WrappingKey[] _forgotten = [];
    private WrappingKey[] _zeroedNext = [];

    public WrappingKey Newest => _all[0];

    public IEnumerable<WrappingKey> Former => _all.Skip(1);

    public Secret Key => Newest.Key;

    public byte[] Wrap(KeyType type, string context, Secret key, IRandom random) =>
        Newest.Wrap(type, context, key, random);

    /// <summary>By the version that the blob names. Throws <see cref="SealException"/>.</summary>
    public Secret Unwrap(KeyType type, string context, ReadOnlySpan<byte> blob)
    {
        var id = KeyBlob.Peek(blob).WrappingKeyId;
        return (Array.Find(_all, key => key.Id == id) ?? Newest).Unwrap(type, context, blob);
    }

    /// <summary>From now on this one wraps.</summary>
    public void Renew(WrappingKey newer)
    {
        if (_all.All(key => key.Id != newer.Id)) _all = [newer, .. _all];
    }

    /// <summary>An older version, for what it still wraps.</summary>
    public void AddFormer(WrappingKey former)
    {
        if (_all.All(key => key.Id != former.Id)) _all = [.. _all, former];
    }

    /// <summary>
    /// Nothing needs the older ones any more. A call may be using one at this moment: they are zeroed by
    /// <see cref="ZeroForgotten"/>, at the second call after.
    /// </summary>
    public void ForgetFormer()
    {
        _forgotten = [.. _forgotten, .. Former];
        _all = [Newest];
    }

    /// <summary>Zeroes what was forgotten before the last call: a rotation may have ended only a moment before this one.
    /// </summary>
    public void ZeroForgotten()
    {
        foreach (var key in _zeroedNext) key.Key.Dispose();
        (_zeroedNext, _forgotten) = (_forgotten, []);
    }

    public void Dispose()
    {
        ZeroForgotten();
        ZeroForgotten();
        foreach (var key in _all) key.Key.Dispose();
    }
}
