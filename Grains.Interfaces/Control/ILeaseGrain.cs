using Orleans;

namespace AMA.Grains.Interfaces.Control;

/// <summary>
/// Grants leases: "{region}" for purpose queue, "{region}/{tenant id}" for a tenant's. Bytes in and out are the signed
/// documents of docs/formats/lease.md; refusals are <see cref="ControlException"/>.
/// </summary>
[Alias("ama.control.lease")]
public interface ILeaseGrain : IGrainWithStringKey
{
    [Alias("grant")] Task<byte[]> Grant(byte[] signedRequest);

    /// <summary>The same lease, longer. The answer holds no key bytes.</summary>
    [Alias("renew")] Task<byte[]> Renew(byte[] signedRequest);

    /// <summary>
    /// Gives an ingest lease back: leaves above the used ones are punctured, indexed ones stop being catch-up.
    /// </summary>
    [Alias("release")] Task Release(byte[] signedRequest);
}
