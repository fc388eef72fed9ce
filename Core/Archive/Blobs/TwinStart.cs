using System.Runtime.CompilerServices;
using AMA.Archive.Ids;

namespace AMA.Archive.Blobs;

/// <summary>
/// A blob that both stores of a pair carry: whoever has it was level once. One without it is new or was lost, and what
/// lies in it doesn't count.
/// </summary>
internal static class TwinMarker
{
    public const string Name = "twin/pair";

    public static void Refuse(string name)
    {
        if (name == Name) throw new ArgumentException($"{Name} is the pair's own");
    }

    public static async IAsyncEnumerable<BlobInfo> Hide(
        IAsyncEnumerable<BlobInfo> blobs, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var blob in blobs.WithCancellation(cancel))
        {
            if (blob.Name != Name) yield return blob;
        }
    }
}

/// <summary>Brings a pair level at start.</summary>
internal sealed class TwinStart(IBlobStore first, IBlobStore second, IRandom random)
{
    public async ValueTask LevelAsync(CancellationToken cancel)
    {
        var one = await first.GetAsync(TwinMarker.Name, cancel);
        var other = await second.GetAsync(TwinMarker.Name, cancel);
        if (one is null && other is null) await PairAsync(cancel);
        else if (one is null) await SeedAsync(second, first, other!.Content, cancel);
        else if (other is null) await SeedAsync(first, second, one.Content, cancel);
        else if (TwinLevel.Same(one, other)) await CopyAsync(first, second, cancel);
        else throw new BlobStoreException("the two stores belong to different pairs: nothing is merged", transient: false);
    }

    /// <summary>Two stores that were no pair yet. If only one holds anything, it is where the pair comes from.</summary>
    private async ValueTask PairAsync(CancellationToken cancel)
    {
        var oneEmpty = await IsEmptyAsync(first, cancel);
        if (!oneEmpty && !await IsEmptyAsync(second, cancel))
            throw new BlobStoreException("both stores hold blobs but were never a pair: nothing is merged", transient: false);
        var (source, target) = oneEmpty ? (second, first) : (first, second);
        var pair = random.NextBytes(16);
        await source.PutIfAbsentAsync(TwinMarker.Name, pair, cancel);
        await SeedAsync(source, target, pair, cancel);
    }

    /// <summary>Copies all of the source; the marker goes last, so that a start that dies is begun again.</summary>
    private static async ValueTask SeedAsync(
        IBlobStore source, IBlobStore target, ReadOnlyMemory<byte> marker, CancellationToken cancel)
    {
        await CopyAsync(source, target, cancel);
        await target.PutIfAbsentAsync(TwinMarker.Name, marker, cancel);
    }

    private static async ValueTask CopyAsync(IBlobStore source, IBlobStore target, CancellationToken cancel)
    {
        var level = new TwinLevel(source, target);
        await foreach (var blob in TwinMarker.Hide(source.ListAsync("", null, cancel), cancel))
            await level.NameAsync(blob.Name, cancel);
        await foreach (var blob in TwinMarker.Hide(target.ListAsync("", null, cancel), cancel))
        {
            if (await source.StatAsync(blob.Name, cancel) is null) await level.NameAsync(blob.Name, cancel);
        }
    }

    private static async ValueTask<bool> IsEmptyAsync(IBlobStore store, CancellationToken cancel)
    {
        await foreach (var _ in store.ListAsync("", null, cancel)) return false;
        return true;
    }
}
