using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Erasure;
using AMA.Archive.Keys.Recovery;
using AMA.Archive.Keys.Roots;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;

namespace AMA.Grains.Control.Survival;

/// <summary>What Control is restored with, before any of its grains live.</summary>
/// <param name="Pair">Both stores as one, as their blobs lie there; <paramref name="Both"/> shows key wraps.</param>
/// <param name="Roots">Both key roots; one may be new, the other is what opens things.</param>
public sealed record RestoreParts(
    IBlobStore Pair, IBlobStore Both, IReadOnlyList<ErasingStore> Stores, OffsiteBackup Backup,
    AuditStores Audit, IReadOnlyList<StoreKeyRoot> Roots, Region Region, IRandom Random);

/// <param name="Blobs">Put back.</param>
/// <param name="Lost">Erasable states that no key root opens any more: tenants' and queue keys are gone for good.</param>
/// <param name="Generation">The new restore generation; 0 when only the root key was put right.</param>
public sealed record RestoreReport(int Blobs, string[] Lost, uint Generation, bool WithShares);

/// <summary>
/// Brings Control back from its off-site backup and what is left of its key roots. The region's document goes in last,
/// with the next restore generation: until then the restore may be cut anywhere, and begun again.
/// </summary>
public sealed class ControlRestore(RestoreParts parts)
{
    private const string StoreWithAll = "a";

    private readonly RegionKeysStore _documents = new(parts.Both, parts.Region, parts.Random);

    /// <summary>
    /// Throws <see cref="KeyRootException"/> (Misconfigured) with what is missing. Three shares are needed only when
    /// neither root opens the region's root key.
    /// </summary>
    /// <param name="operatorTokenHash">Of the operator token whose file is there, else of a new one: a restore that was
    /// killed may have made it already.</param>
    public async Task<RestoreReport> RunAsync(
        IReadOnlyList<RecoveryShare> shares, Func<byte[]> operatorTokenHash, CancellationToken cancel)
    {
        if (await parts.Both.StatAsync(_documents.Name, cancel) is not null)
            return await PutRootKeyRightAsync(shares, cancel);

        var (blobs, document) = await PutPlainAsync(cancel);
        if (document is null) throw Impossible("The off-site backup holds no document of this region.");
        var lost = new List<string>();
        blobs += await PutErasableAsync(lost, cancel);
        var (root, withShares) = await OpenRootAsync(shares, cancel);
        using (root)
        using (var state = await OpenStateAsync(root, cancel))
        {
            var found = _documents.Open(state, document.Value.Span);
            var next = found with
            {
                RestoreGeneration = found.RestoreGeneration + 1, OperatorTokenHash = operatorTokenHash(),
            };
            // A log that knows states which are gone for good would keep them from ever being made again.
            var logGoesOn = lost.Count == 0
                ? await AuditRestore.RunAsync(parts.Audit, found.AuditBegan, cancel)
                : await AuditRestore.IsThereAsync(parts.Audit, cancel);
            if (!logGoesOn) next = next with { AuditBegan = next.RestoreGeneration };
            var generation = StateVersion.GenerationOf(document.Value.Span) + 1;
            await _documents.PutIfAbsentAsync(state, next, generation, cancel);
            return new(blobs + 1, [.. lost], next.RestoreGeneration, withShares);
        }
    }

    /// <summary>The stores are there; only what opens them is not.</summary>
    private async Task<RestoreReport> PutRootKeyRightAsync(IReadOnlyList<RecoveryShare> shares, CancellationToken cancel)
    {
        var (root, withShares) = await OpenRootAsync(shares, cancel);
        root.Dispose();
        return new(0, [], 0, withShares);
    }

    private async Task<(int Blobs, ReadOnlyMemory<byte>? Document)> PutPlainAsync(CancellationToken cancel)
    {
        var blobs = 0;
        ReadOnlyMemory<byte>? document = null;
        await foreach (var (name, content) in parts.Backup.NewestAsync(StoreWithAll, "", cancel))
        {
            if (ErasableStore.IsErasable(name)) continue;
            if (name == _documents.Name) document = content;
            else if ((await parts.Pair.PutIfAbsentAsync(name, content, cancel)).Done) blobs++;
        }
        return (blobs, document);
    }

    /// <summary>Of each name the newest content that the one root or the other still opens.</summary>
    private async Task<int> PutErasableAsync(List<string> lost, CancellationToken cancel)
    {
        var newest = new SortedDictionary<string, Blob?>(StringComparer.Ordinal);
        foreach (var store in parts.Stores)
        {
            await foreach (var (name, blob) in parts.Backup.NewestAsync(store.Name, ErasableStore.Prefix, cancel))
            {
                var opened = await store.Store.OpenCopyAsync(name, blob, cancel);
                if (GenerationOf(opened) >= GenerationOf(newest.GetValueOrDefault(name))) newest[name] = opened;
            }
        }
        var count = 0;
        foreach (var (name, content) in newest)
        {
            if (content is null) lost.Add(name);
            else if ((await parts.Pair.PutIfAbsentAsync(name, content.Content, cancel)).Done) count++;
        }
        return count;
    }

    /// <summary>The region's root key, and its wraps put right under both roots.</summary>
    private async Task<(Secret Root, bool WithShares)> OpenRootAsync(
        IReadOnlyList<RecoveryShare> shares, CancellationToken cancel)
    {
        var wraps = new RootWraps(parts.Both, parts.Region, parts.Random);
        try
        {
            return (await wraps.OpenAsync(parts.Roots, cancel), false);
        }
        catch (KeyRootException fault) when (fault.Fault == KeyRootFault.Misconfigured && shares.Count > 0)
        {
            var root = await OpenWithSharesAsync(shares, cancel);
            await wraps.ReplaceAsync(parts.Roots, root, cancel);
            return (root, true);
        }
    }

    private async Task<Secret> OpenWithSharesAsync(IReadOnlyList<RecoveryShare> shares, CancellationToken cancel)
    {
        var blob = await parts.Both.GetAsync(RecoveryDesk.NameOf(parts.Region), cancel)
            ?? throw Impossible("No root key was ever sealed to a recovery key: the shares can't help.");
        try
        {
            using var key = RecoveryShare.Combine(shares);
            return RecoverySeal.Open(blob.Content.Span, key, parts.Region);
        }
        catch (SealException fault)
        {
            throw Impossible($"These shares don't open the region's root key: {fault.Message}.");
        }
    }

    private async Task<Secret> OpenStateAsync(Secret root, CancellationToken cancel)
    {
        var name = KeyRingOpening.StateKeyNameOf(parts.Region);
        var blob = await parts.Both.GetAsync(name, cancel) ?? throw Impossible($"The backup lacks {name}.");
        var known = new WrappingKeys(new(RootIds.Of(root), root));
        // The backup may be from the middle of a rotation.
        var former = await new RootRenewal(parts.Both, parts.Region, parts.Random).FormerAsync(known.Newest, cancel);
        if (former is not null) known.AddFormer(former);
        return known.Unwrap(
            KeyType.State, KeyContext.Of(KeyType.State, parts.Region), blob.Content.Span);
    }

    private static long GenerationOf(Blob? blob) => blob is null ? -1 : StateVersion.GenerationOf(blob.Content.Span);

    private static KeyRootException Impossible(string why) => new(KeyRootFault.Misconfigured, why);
}
