using AMA.Archive.Keys.Leases;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Audit;

/// <summary>
/// Nonces of granted requests, for as long as their replay could pass for new: twice the clock skew that is allowed.
/// </summary>
internal sealed class NonceWindow(TimeProvider time)
{
    /// <summary>Grants within ten minutes, 437 a second: some 40 MB. Beyond, requests wait.</summary>
    public const int NoncesMax = 1 << 18;

    public static readonly TimeSpan Length = 2 * LeaseLimits.ClockSkewMax;

    private readonly HashSet<string> _seen = [];
    private readonly Queue<(DateTimeOffset Time, string Nonce)> _inOrder = new();

    public bool Contains(byte[] nonce) => _seen.Contains(Convert.ToBase64String(nonce));

    /// <summary>False when it is there already.</summary>
    public bool TryAdd(byte[] nonce) => TryAdd(nonce, time.GetUtcNow());

    public bool TryAdd(byte[] nonce, DateTimeOffset seenAt)
    {
        Forget();
        if (_seen.Count >= NoncesMax)
            throw new ControlException(ControlRefusal.Unavailable, "Too many requests in ten minutes; try again.");
        var text = Convert.ToBase64String(nonce);
        if (!_seen.Add(text)) return false;
        _inOrder.Enqueue((seenAt, text));
        return true;
    }

    private void Forget()
    {
        var oldest = time.GetUtcNow() - Length;
        while (_inOrder.TryPeek(out var first) && first.Time <= oldest) _seen.Remove(_inOrder.Dequeue().Nonce);
    }
}
