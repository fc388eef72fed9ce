using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace AMA.Archive.Blobs;

public sealed partial class OffsiteBackup
{
    /// <summary>Never pruned, and never restored from: somebody has to look.</summary>
    private const string DoubtfulPrefix = "doubtful/";

    /// <summary>So many versions are compared with one that seems older, from the newest backwards.</summary>
    private const int LookBackMax = 64;

    /// <summary>The last content of each name that was found to be kept without being its newest version.</summary>
    private readonly ConcurrentDictionary<string, string> _kept = new();

    /// <summary>Told the name under which a doubtful content is kept, once for each start and content.</summary>
    public Action<string>? Doubtful { get; set; }

    /// <summary>Whether this content is the newest version of the name. A get of the source has appended it otherwise,
    /// unless its generation does not follow.</summary>
    public async ValueTask<bool> IsNewestAsync(
        string source, string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        (await FindAsync($"{source}/{name}", cancel)).Hash == HashOf(content);

    private async ValueTask KeepDoubtfulAsync(
        string folder, ReadOnlyMemory<byte> content, string hash, CancellationToken cancel)
    {
        if (_kept.TryGetValue(folder, out var known) && known == hash) return;
        if (!await IsVersionAsync(folder, hash, cancel))
        {
            var name = $"{DoubtfulPrefix}{folder}/{hash}";
            await store.PutIfAbsentAsync(name, content, cancel);
            Doubtful?.Invoke(name);
        }
        _kept[folder] = hash;
    }

    /// <summary>An older copy that was put back, or a read that a write has overtaken: it is here already.</summary>
    private async ValueTask<bool> IsVersionAsync(string folder, string hash, CancellationToken cancel)
    {
        var versions = new Queue<string>();
        await foreach (var version in store.ListAsync(folder + "/", null, cancel))
        {
            versions.Enqueue(version.Name);
            if (versions.Count > LookBackMax) versions.Dequeue();
        }
        foreach (var version in versions)
            if (await store.GetAsync(version, cancel) is { } blob && HashOf(blob.Content) == hash) return true;
        return false;
    }

    private static string HashOf(ReadOnlyMemory<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content.Span));
}
