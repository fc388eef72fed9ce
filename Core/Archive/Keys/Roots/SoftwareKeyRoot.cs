using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Roots;

/// <summary>
/// Keys as files, each sealed under a master key that a passphrase, a credential of the operating system or, for trying
/// AMA out, a plain file gives (docs/formats/key-roots.md). Whoever has the directory and what opens it has every key
/// in it; hardware roots take its place where that is too little. Nothing but the master stays in memory, so a file
/// that is gone is gone for this process too.
/// </summary>
public sealed class SoftwareKeyRoot : IKeyRoot
{
    /// <summary>The plain master.</summary>
    public const string PlainFileName = "root.key";

    /// <summary>The sealed master.</summary>
    public const string HeadFileName = "root.amr1";

    private const string KeysDirectory = "keys";
    private const int KeyBytes = 32;

    /// <summary>Other processes that make versions of the same key at the same moment.</summary>
    private const int RacesMax = 16;

    private readonly string _directory;
    private readonly IPrivateFiles _files;
    private readonly IRandom _random;
    private readonly TimeProvider _time;
    private readonly Secret _master;
    private readonly Guid _masterId;

    private SoftwareKeyRoot(string directory, IPrivateFiles files, IRandom random, TimeProvider time, Secret master)
    {
        _directory = directory;
        _files = files;
        _random = random;
        _time = time;
        _master = master;
        _masterId = RootIds.Of(master);
    }

    public string Description => $"software ({_directory})";

    /// <summary>
    /// Opens the root in a directory, or makes it. Takes about a second of a core and 256 MiB with a passphrase. Throws
    /// <see cref="KeyRootException"/>: Denied when it is the wrong one.
    /// </summary>
    /// <param name="unlock">Null: a plain root.key, readable by whoever reads the disk.</param>
    public static SoftwareKeyRoot Open(
        string directory, SoftwareUnlock? unlock, IPrivateFiles files, IRandom random, TimeProvider time) =>
        Guarded(() => new SoftwareKeyRoot(
            directory, files, random, time, new SoftwareMaster(directory, files, random).Open(unlock)));

    public Task<RootKey> EnsureAsync(string name, CancellationToken cancel) =>
        Done(() => Newest(name) ?? Make(name), cancel);

    public Task<RootKey> RotateAsync(string name, CancellationToken cancel) => Done(() => Make(name), cancel);

    public Task<IReadOnlyList<RootKey>> ListAsync(CancellationToken cancel) =>
        Done<IReadOnlyList<RootKey>>(() => [.. Keys().OrderBy(key => key.Name).ThenBy(key => key.Version)], cancel);

    public Task<byte[]> WrapAsync(
        RootKey key, KeyType type, string context, Secret secret, CancellationToken cancel) =>
        Done(() =>
        {
            using var wrapping = OpenKey(key);
            return KeyBlob.Wrap(wrapping, key.Id, key.Version, type, context, secret.Span, _random);
        }, cancel);

    public Task<Secret> UnwrapAsync(
        KeyType type, string context, ReadOnlyMemory<byte> blob, CancellationToken cancel) =>
        Done(() =>
        {
            var head = RootBlob.Expect(blob, KeyBlobFrame.SoftwareGcm, type, context);
            // What the master wraps itself: written before its keys had files of their own.
            if (head.WrappingKeyId == _masterId) return Unwrap(_master, _masterId, blob, type, context);
            var key = Keys().FirstOrDefault(key => key.Id == head.WrappingKeyId && key.Version == head.WrappingVersion)
                ?? throw RootBlob.NoSuchKey(head.WrappingKeyId);
            using var wrapping = OpenKey(key);
            return Unwrap(wrapping, key.Id, blob, type, context);
        }, cancel);

    public Task<DateTimeOffset> DestroyAsync(RootKey key, CancellationToken cancel) =>
        Done(() =>
        {
            if (Peek(key.Name, key.Version)?.Id == key.Id) _files.Delete(PathOf(key.Name, key.Version));
            return _time.GetUtcNow();
        }, cancel);

    public ValueTask DisposeAsync()
    {
        _master.Dispose();
        return default;
    }

    private RootKey? Newest(string name)
    {
        RootIds.CheckName(name);
        return Keys().Where(key => key.Name == name).MaxBy(key => key.Version);
    }

    private RootKey Make(string name)
    {
        RootIds.CheckName(name);
        _files.MakeDirectory(Path.Combine(_directory, KeysDirectory));
        for (var race = 0; race < RacesMax; race++)
        {
            // Beyond every file there is, another master's too: a version is made once.
            var last = Names().Where(file => file.Name == name).Select(file => file.Version).DefaultIfEmpty(0u).Max();
            var id = RootIds.New(_time, _random);
            var key = new RootKey(name, last + 1, id, RootIds.MadeAt(id));
            using var bytes = Secret.Random(_random, KeyBytes);
            var file = SoftwareKeyFile.Seal(_master, _masterId, key, bytes, _random);
            if (_files.TryCreate(PathOf(name, key.Version), file)) return key;
        }
        throw new KeyRootException(KeyRootFault.Unavailable, $"Others keep making keys {name}; try again.");
    }

    private IEnumerable<(string Name, uint Version)> Names() =>
        _files.List(Path.Combine(_directory, KeysDirectory)).Select(SoftwareKeyFile.ParseName).OfType<(string, uint)>();

    private IEnumerable<RootKey> Keys() => Names().Select(file => Peek(file.Name, file.Version)).OfType<RootKey>();

    private RootKey? Peek(string name, uint version) => _files.Read(PathOf(name, version)) is { } file
        ? SoftwareKeyFile.Peek(file, name, version, _masterId) : null;

    private Secret OpenKey(RootKey key)
    {
        var file = _files.Read(PathOf(key.Name, key.Version)) ?? throw RootBlob.NoSuchKey(key.Id);
        if (SoftwareKeyFile.Peek(file, key.Name, key.Version, _masterId)?.Id != key.Id) throw RootBlob.NoSuchKey(key.Id);
        return SoftwareKeyFile.Open(file, _master, _masterId, key);
    }

    private string PathOf(string name, uint version) =>
        Path.Combine(_directory, KeysDirectory, SoftwareKeyFile.NameOf(name, version));

    private static Secret Unwrap(
        Secret wrapping, Guid id, ReadOnlyMemory<byte> blob, KeyType type, string context)
    {
        try
        {
            return KeyBlob.Unwrap(wrapping, id, blob.Span, type, context);
        }
        catch (SealException e)
        {
            throw RootBlob.Tampered(e);
        }
    }

    /// <summary>Small files, read and written at a start or once a week: not worth threads of their own.</summary>
    private static Task<T> Done<T>(Func<T> work, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return Task.FromCanceled<T>(cancel);
        try
        {
            return Task.FromResult(Guarded(work));
        }
        catch (KeyRootException e)
        {
            return Task.FromException<T>(e);
        }
    }

    private static T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (IOException e)
        {
            throw new KeyRootException(KeyRootFault.Unavailable, $"The key root's files: {e.Message}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new KeyRootException(
                KeyRootFault.Misconfigured, $"The key root's files: {e.Message} Give this user the rights.", e);
        }
    }
}
