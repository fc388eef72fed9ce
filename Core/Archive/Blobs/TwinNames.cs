using System.Runtime.CompilerServices;

namespace AMA.Archive.Blobs;

/// <summary>The pair's own blobs, which nobody else sees.</summary>
internal static class TwinNames
{
    /// <summary>
    /// The same in both stores: whoever has it was level once. A store without it is new, or a lost one's replacement,
    /// and what lies in it doesn't count.
    /// </summary>
    public const string Pair = "twin/pair";

    /// <summary>In the second store, before this: a blob that is being deleted.</summary>
    public const string GonePrefix = "twin/gone/";

    private const string Own = "twin/";

    public static string GoneOf(string name) => GonePrefix + name;

    public static void Refuse(string name)
    {
        BlobNames.Check(name);
        if (name.StartsWith(Own, StringComparison.Ordinal))
            throw new ArgumentException($"{name}: {Own} is the pair's own");
        BlobNames.Check(GoneOf(name));
    }

    public static BlobStoreException Unfit(string finding) =>
        new($"{finding}: nothing is merged, somebody must say which store counts", transient: false);

    public static async IAsyncEnumerable<BlobInfo> Hide(
        IAsyncEnumerable<BlobInfo> blobs, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var blob in blobs.WithCancellation(cancel))
        {
            if (!blob.Name.StartsWith(Own, StringComparison.Ordinal)) yield return blob;
        }
    }
}
