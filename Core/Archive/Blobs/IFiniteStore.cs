namespace AMA.Archive.Blobs;

/// <summary>A store that can run full, and says how near it is.</summary>
public interface IFiniteStore
{
    /// <summary>
    /// What is left now. Asks the file system, so it may take as long as any other call; throws
    /// <see cref="BlobStoreException"/>.
    /// </summary>
    ValueTask<StoreSpace> SpaceAsync(CancellationToken cancel);
}

/// <summary>What an ordinary user may still take, in percent of all that such a user could have.</summary>
/// <param name="InodesPercent">100 where the file system has no fixed number of them.</param>
public readonly record struct StoreSpace(double BytesPercent, double InodesPercent)
{
    /// <summary>Whichever ends first.</summary>
    public double Percent => Math.Min(BytesPercent, InodesPercent);
}

/// <summary>No room, or no quota: over when somebody has made some. Always transient.</summary>
public sealed class StoreFullException(string message, Exception? inner = null)
    : BlobStoreException(message, transient: true, inner);
