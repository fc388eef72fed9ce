using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace AMA.Archive.Blobs;

/// <summary>
/// A store elsewhere to which every version of a blob is appended and in which none is replaced, and none deleted before
/// a newer one has stood there for long: "{source}/{name}/{n}", n from 0, ten digits. Ciphertext goes in as it stands in
/// the source.
/// </summary>
public sealed partial class OffsiteBackup(IBlobStore store)
{
    private const int VersionDigits = 10;

    /// <summary>Each turn that doesn't end it means that another process appended the same number.</summary>
    private const int TurnsMax = 100;

    private readonly ConcurrentDictionary<string, Newest> _newest = new();

    /// <summary>
    /// Returns when <paramref name="content"/> is durably here: as the newest version of the name, or as one of those before
    /// it. One whose generation doesn't follow the newest's is no version, for its head may be damaged or forged, and a
    /// restore must not take it: it is kept as "doubtful/{source}/{name}/{SHA-256}", and <see cref="Doubtful"/> is told.
    /// </summary>
    public async ValueTask KeepAsync(
        string source, string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        var folder = $"{source}/{name}";
        var hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        for (var turn = 0; turn < TurnsMax; turn++)
        {
            if (!_newest.TryGetValue(folder, out var newest)) newest = await FindAsync(folder, cancel);
            if (newest.Hash == hash) return;
            if (!newest.IsFollowedBy(StateVersion.GenerationOf(content.Span)))
            {
                // What is remembered may lie behind another writer's append.
                if (!(newest = await FindAsync(folder, cancel)).IsFollowedBy(StateVersion.GenerationOf(content.Span)))
                {
                    await KeepDoubtfulAsync(folder, content, hash, cancel);
                    return;
                }
            }
            var put = await store.PutIfAbsentAsync(NameOf(folder, newest.Next), content, cancel);
            if (put.Done)
            {
                _newest[folder] = new(newest.Next + 1, hash, StateVersion.GenerationOf(content.Span));
                return;
            }
            _newest.TryRemove(folder, out _);
        }
        throw new BlobStoreException($"{folder} is appended too often", transient: true);
    }

    /// <summary>Whether anything of the source was ever appended.</summary>
    public async ValueTask<bool> IsEmptyAsync(string source, CancellationToken cancel)
    {
        await foreach (var _ in store.ListAsync(source + "/", null, cancel)) return false;
        return true;
    }

    /// <summary>The newest version of every name of a source.</summary>
    public async IAsyncEnumerable<(string Name, ReadOnlyMemory<byte> Content)> NewestAsync(
        string source, string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        string? folder = null, newest = null;
        await foreach (var blob in store.ListAsync($"{source}/{prefix}", null, cancel))
        {
            var current = blob.Name[..blob.Name.LastIndexOf('/')];
            if (folder is not null && current != folder) yield return await ReadAsync(folder, newest!);
            (folder, newest) = (current, blob.Name);
        }
        if (folder is not null) yield return await ReadAsync(folder, newest!);

        async Task<(string, ReadOnlyMemory<byte>)> ReadAsync(string of, string version)
        {
            var blob = await store.GetAsync(version, cancel) ?? throw new BlobNotFoundException(version);
            return (of[(source.Length + 1)..], blob.Content);
        }
    }

    private async ValueTask<Newest> FindAsync(string folder, CancellationToken cancel)
    {
        string? newest = null;
        await foreach (var blob in store.ListAsync(folder + "/", null, cancel)) newest = blob.Name;
        if (newest is null) return new(0, null, 0);
        var content = await store.GetAsync(newest, cancel) ?? throw new BlobNotFoundException(newest);
        var number = long.Parse(newest[^VersionDigits..], CultureInfo.InvariantCulture);
        var hash = Convert.ToHexStringLower(SHA256.HashData(content.Content.Span));
        var found = new Newest(number + 1, hash, StateVersion.GenerationOf(content.Content.Span));
        return _newest[folder] = found;
    }

    private static string NameOf(string folder, long version) =>
        $"{folder}/{version.ToString($"D{VersionDigits}", CultureInfo.InvariantCulture)}";

    private sealed record Newest(long Next, string? Hash, long Generation)
    {
        public bool IsFollowedBy(long generation) => Generation == 0 || generation == Generation + 1;
    }
}
