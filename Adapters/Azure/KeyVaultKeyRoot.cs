using System.Collections.Concurrent;
using System.Globalization;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using Azure;
using Azure.Identity;

namespace AMA.Adapters.Azure;

/// <summary>
/// Keys in Azure Key Vault or a Managed HSM (docs/formats/key-roots.md): RSA keys that never leave it. Each version of a
/// key is a vault key of its own, for a vault deletes keys only as a whole.
/// </summary>
/// <param name="keyName">In front of every vault key's name: two roots in one vault take different ones.</param>
public sealed class KeyVaultKeyRoot(KeyVaultKeys vault, string keyName, TimeProvider time) : IKeyRoot
{
    public const string KeyNameDefault = "ama";

    /// <summary>Between the parts of a vault key's name; a key name neither contains it nor ends with a part of it.</summary>
    public const string Separator = "--";

    /// <summary>Vault names of deleted keys are taken until their final day.</summary>
    private const int TakenMax = 16;

    /// <summary>Which vault key has an id: a blob doesn't say. Only names, and what is gone answers 404.</summary>
    private readonly ConcurrentDictionary<Guid, RootKey> _known = [];

    /// <summary>A vault has no "make unless there is one": this process at least makes one at a time.</summary>
    private readonly SemaphoreSlim _making = new(1);

    public string Description => $"keyvault ({vault.Vault.Host}, keys {keyName})";

    /// <summary>With the identity that this host has in Azure; nothing is asked before the first call.</summary>
    public static KeyVaultKeyRoot Open(Uri vault, string keyName, TimeProvider time) =>
        new(new KeyVaultKeys(vault, new DefaultAzureCredential(), new KeyVaultOptions()), keyName, time);

    public async Task<RootKey> EnsureAsync(string name, CancellationToken cancel)
    {
        RootIds.CheckName(name);
        await _making.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var newest = await NewestAsync(name, await vault.NamesAsync(cancel).ConfigureAwait(false), cancel)
                .ConfigureAwait(false);
            return newest ?? await MakeAsync(name, cancel).ConfigureAwait(false);
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
            return await MakeAsync(name, cancel).ConfigureAwait(false);
        }
        finally
        {
            _making.Release();
        }
    }

    public async Task<IReadOnlyList<RootKey>> ListAsync(CancellationToken cancel)
    {
        var found = new List<RootKey>();
        foreach (var name in await vault.NamesAsync(cancel).ConfigureAwait(false))
        {
            if (Parse(name) is null) continue;
            foreach (var version in await vault.VersionsAsync(name, cancel).ConfigureAwait(false)) found.Add(Note(version));
        }
        foreach (var name in await vault.DeletedNamesAsync(cancel).ConfigureAwait(false))
        {
            if (Parse(name) is { } parts)
                found.Add(KeyOf(parts, await vault.GetDeletedAsync(name, cancel).ConfigureAwait(false)));
        }
        return [.. found.OrderBy(key => key.Name, StringComparer.Ordinal).ThenBy(key => key.Version)];
    }

    public async Task<byte[]> WrapAsync(
        RootKey key, KeyType type, string context, Secret secret, CancellationToken cancel)
    {
        var head = KeyBlobFrame.Head(KeyBlobFrame.RsaOaep256, key.Id, key.Version, type, context);
        using var plain = KeyBlobFrame.Plain(secret.Span, context);
        var text = await vault.WrapAsync(VaultNameOf(key.Name, key.Version), key.Id, plain, cancel).ConfigureAwait(false);
        return [.. head, .. text];
    }

    public async Task<Secret> UnwrapAsync(
        KeyType type, string context, ReadOnlyMemory<byte> blob, CancellationToken cancel)
    {
        var head = RootBlob.Expect(blob, KeyBlobFrame.RsaOaep256, type, context);
        if (!_known.TryGetValue(head.WrappingKeyId, out var key))
        {
            await ListAsync(cancel).ConfigureAwait(false);
            key = _known.GetValueOrDefault(head.WrappingKeyId) ?? throw RootBlob.NoSuchKey(head.WrappingKeyId);
        }
        if (key.Version != head.WrappingVersion) throw RootBlob.Tampered();
        using var plain = await vault
            .UnwrapAsync(VaultNameOf(key.Name, key.Version), key.Id, blob[head.Length..], cancel).ConfigureAwait(false);
        return RootBlob.KeyIn(plain, context);
    }

    public async Task<DateTimeOffset> DestroyAsync(RootKey key, CancellationToken cancel)
    {
        var name = VaultNameOf(key.Name, key.Version);
        _known.TryRemove(key.Id, out _);
        var deleted = await DeleteAsync(name, key.Id, cancel).ConfigureAwait(false)
            ?? await GoneOrAsync(() => vault.GetDeletedAsync(name, cancel)).ConfigureAwait(false);
        return deleted?.FinalAt ?? time.GetUtcNow();
    }

    /// <summary>By name, if it is that key: a name alone could be another root's idea of it.</summary>
    private async Task<VaultKey?> DeleteAsync(string name, Guid id, CancellationToken cancel)
    {
        var versions = await GoneOrAsync(() => vault.VersionsAsync(name, cancel)).ConfigureAwait(false);
        return versions?.Any(version => version.Version == id) is true
            ? await GoneOrAsync(() => vault.DeleteAsync(name, cancel)).ConfigureAwait(false) : null;
    }

    public ValueTask DisposeAsync()
    {
        _making.Dispose();
        return default;
    }

    private async Task<RootKey?> NewestAsync(string name, IReadOnlyList<string> names, CancellationToken cancel)
    {
        var last = Last(name, names);
        return last == 0 ? null : Note(await vault.GetAsync(VaultNameOf(name, last), cancel).ConfigureAwait(false));
    }

    private async Task<RootKey> MakeAsync(string name, CancellationToken cancel)
    {
        var version = Math.Max(
            Last(name, await vault.NamesAsync(cancel).ConfigureAwait(false)),
            Last(name, await vault.DeletedNamesAsync(cancel).ConfigureAwait(false)));
        for (var taken = 0; ; taken++)
        {
            try
            {
                var made = await vault.CreateAsync(VaultNameOf(name, ++version), cancel).ConfigureAwait(false);
                return Note(made);
            }
            catch (KeyRootException e) when (taken < TakenMax
                && e.InnerException is RequestFailedException { Status: KeyVaultFaults.Conflict })
            {
                // Deleted a moment ago, and not in the list yet.
            }
        }
    }

    private uint Last(string name, IReadOnlyList<string> names) => names
        .Select(Parse).OfType<(string Name, uint Version)>().Where(parts => parts.Name == name)
        .Select(parts => parts.Version).DefaultIfEmpty(0u).Max();

    private RootKey Note(VaultKey key)
    {
        var parts = Parse(key.Name) ?? throw RootBlob.Missing($"The vault answers with a key of another name: {key.Name}.");
        return _known[key.Version] = KeyOf(parts, key);
    }

    private static RootKey KeyOf((string Name, uint Version) parts, VaultKey key) =>
        new(parts.Name, parts.Version, key.Version, key.CreatedAt, key.FinalAt);

    private string VaultNameOf(string name, uint version) => string.Join(
        Separator, keyName, name, version.ToString(CultureInfo.InvariantCulture));

    /// <summary>Null: not a key of this root.</summary>
    private (string Name, uint Version)? Parse(string vaultName)
    {
        var start = keyName + Separator;
        var end = vaultName.LastIndexOf(Separator, StringComparison.Ordinal);
        if (!vaultName.StartsWith(start, StringComparison.Ordinal) || end <= start.Length) return null;
        var number = vaultName[(end + Separator.Length)..];
        return uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? (vaultName[start.Length..end], version) : null;
    }

    private static async Task<T?> GoneOrAsync<T>(Func<Task<T>> ask) where T : class
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (KeyRootException e) when (e.Fault == KeyRootFault.Missing)
        {
            return null;
        }
    }
}
