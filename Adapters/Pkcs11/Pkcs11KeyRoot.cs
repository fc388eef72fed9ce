using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace AMA.Adapters.Pkcs11;

/// <summary>
/// Keys in a hardware module, by PKCS#11 (docs/formats/key-roots.md): they never leave the token. Connects with the
/// first call, on threads of its own: a slow device keeps nobody else waiting.
/// </summary>
public sealed class Pkcs11KeyRoot(Pkcs11Place place, IRandom random, TimeProvider time) : IKeyRoot
{
    /// <summary>As many sessions are open at most, and one for the login.</summary>
    private const int Threads = 4;
    private const int QueueMax = 64;

    private static readonly byte[] ProbeText = new byte[16];

    private readonly TokenSessions _sessions = new(place);
    private readonly TokenKeys _keys = new(place);
    private readonly FileThreads _threads = new("PKCS#11", Threads, QueueMax);

    /// <summary>A token has no "make unless there is one": this process at least makes one at a time.</summary>
    private readonly SemaphoreSlim _making = new(1);

    public string Description => $"pkcs11 ({place.TokenLabel}, keys {place.KeyLabel}, {place.Module})";

    public async Task<RootKey> EnsureAsync(string name, CancellationToken cancel)
    {
        RootIds.CheckName(name);
        await _making.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await RunAsync(session => Newest(session, name) ?? Make(session, name), cancel).ConfigureAwait(false);
        }
        finally
        {
            _making.Release();
        }
    }

    public async Task<RootKey> RotateAsync(string name, CancellationToken cancel)
    {
        RootIds.CheckName(name);
        await _making.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await RunAsync(session => Make(session, name), cancel).ConfigureAwait(false);
        }
        finally
        {
            _making.Release();
        }
    }

    public Task<IReadOnlyList<RootKey>> ListAsync(CancellationToken cancel) =>
        RunAsync<IReadOnlyList<RootKey>>(session => _keys.List(session), cancel);

    public async Task<byte[]> WrapAsync(
        RootKey key, KeyType type, string context, Secret secret, CancellationToken cancel)
    {
        var head = KeyBlobFrame.Head(KeyBlobFrame.ModuleGcm, key.Id, key.Version, type, context);
        using var plain = KeyBlobFrame.Plain(secret.Span, context);
        return await RunAsync(
            session => _sessions.Cipher.Seal(
                session, HandleOf(session, key.Id), head, random.NextBytes(KeyBlobFrame.NonceBytes), plain),
            cancel).ConfigureAwait(false);
    }

    public async Task<Secret> UnwrapAsync(
        KeyType type, string context, ReadOnlyMemory<byte> blob, CancellationToken cancel)
    {
        var head = RootBlob.Expect(blob, KeyBlobFrame.ModuleGcm, type, context);
        using var plain = await RunAsync(session => Open(session, head, blob), cancel).ConfigureAwait(false);
        return RootBlob.KeyIn(plain, context);
    }

    public Task<DateTimeOffset> DestroyAsync(RootKey key, CancellationToken cancel) => RunAsync(session =>
    {
        if (_keys.Find(session, key.Id) is { } found) session.DestroyObject(found.Handle);
        return time.GetUtcNow();
    }, cancel);

    public ValueTask DisposeAsync()
    {
        _threads.Dispose();
        _sessions.Dispose();
        _making.Dispose();
        return default;
    }

    private RootKey? Newest(ISession session, string name)
    {
        var newest = _keys.List(session).LastOrDefault(key => key.Name == name);
        if (newest is not null) _keys.CheckGuarded(session, newest);
        return newest;
    }

    private RootKey Make(ISession session, string name)
    {
        var last = _keys.List(session).LastOrDefault(key => key.Name == name)?.Version ?? 0;
        var id = RootIds.New(time, random);
        var key = new RootKey(name, last + 1, id, RootIds.MadeAt(id));
        _keys.Make(session, key);
        return key;
    }

    private IObjectHandle HandleOf(ISession session, Guid id) =>
        _keys.Find(session, id)?.Handle ?? throw RootBlob.NoSuchKey(id);

    private Secret Open(ISession session, KeyBlobHead head, ReadOnlyMemory<byte> blob)
    {
        var found = _keys.Find(session, head.WrappingKeyId) ?? throw RootBlob.NoSuchKey(head.WrappingKeyId);
        if (found.Key.Version != head.WrappingVersion) throw RootBlob.Tampered();
        try
        {
            return _sessions.Cipher.Open(session, found.Handle, blob.Span, head.Length);
        }
        catch (Pkcs11Exception e) when (Pkcs11Faults.MayBeTampered(e.RV))
        {
            _sessions.Use(fresh => Probe(fresh, head.WrappingKeyId)); // a device that is broken says so here
            throw RootBlob.Tampered(e);
        }
    }

    /// <summary>Modules answer "general error" to a wrong tag and to their own faults alike: does the key work?</summary>
    private bool Probe(ISession session, Guid id)
    {
        using var text = Secret.Copy(ProbeText);
        _sessions.Cipher.Seal(session, HandleOf(session, id), ProbeText, random.NextBytes(KeyBlobFrame.NonceBytes), text);
        return true;
    }

    private async Task<T> RunAsync<T>(Func<ISession, T> operation, CancellationToken cancel)
    {
        try
        {
            return await _threads.RunAsync(() => _sessions.Use(operation), cancel).ConfigureAwait(false);
        }
        catch (Pkcs11Exception e) when (Pkcs11Faults.IsNoKey(e.RV))
        {
            throw RootBlob.Missing("The key was destroyed meanwhile.");
        }
        catch (Pkcs11Exception e)
        {
            throw Pkcs11Faults.Of(e, place);
        }
    }
}
