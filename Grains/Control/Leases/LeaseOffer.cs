using AMA.Archive.Keys.Leases;

namespace AMA.Grains.Control.Leases;

/// <summary>An answer in the making. Its keys are disposed of, whether it is given or not.</summary>
/// <param name="Next">To be durable before the answer leaves; the same object as before when nothing changed.</param>
internal sealed record LeaseOffer(LeaseState Next, LeaseGrant Grant, IReadOnlyList<LeasedKey> Keys) : IDisposable
{
    public void Dispose()
    {
        foreach (var key in Keys) key.Dispose();
    }
}
