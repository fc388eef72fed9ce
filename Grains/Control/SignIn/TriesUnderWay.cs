namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Tries that have begun and not ended, by account and address: what is counted of a try before its hash. In memory
/// only: a process that ends takes the tries with it. Not thread-safe.
/// </summary>
public sealed class TriesUnderWay
{
    /// <summary>A try that was never ended counts no longer than this; a hash takes a tenth of a second.</summary>
    public static readonly TimeSpan TryMax = TimeSpan.FromSeconds(30);

    /// <summary>More than the line of hashes can hold; beyond, a try is not begun.</summary>
    public const int KeysMax = 4096;

    private readonly Dictionary<string, Queue<DateTimeOffset>> _begun = [];

    public int Count(string key, DateTimeOffset now)
    {
        if (!_begun.TryGetValue(key, out var begun)) return 0;
        while (begun.TryPeek(out var first) && now - first >= TryMax) begun.Dequeue();
        return begun.Count;
    }

    /// <summary>False when too many keys have tries under way.</summary>
    public bool TryBegin(string key, DateTimeOffset now)
    {
        if (_begun.Count >= KeysMax) Sweep(now);
        if (_begun.Count >= KeysMax) return false;
        if (!_begun.TryGetValue(key, out var begun)) _begun[key] = begun = new();
        begun.Enqueue(now);
        return true;
    }

    /// <summary>Ends the oldest; nothing when there is none.</summary>
    public void End(string key)
    {
        if (!_begun.TryGetValue(key, out var begun)) return;
        begun.TryDequeue(out _);
        if (begun.Count == 0) _begun.Remove(key);
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (var key in _begun.Keys.Where(key => Count(key, now) == 0).ToArray()) _begun.Remove(key);
    }
}
