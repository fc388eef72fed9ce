using Orleans;

namespace AMA.Grains.Interfaces.Control;

/// <summary>The region's issuing CA. Key: the region.</summary>
[Alias("ama.control.identity")]
public interface IIdentityGrain : IGrainWithStringKey
{
    /// <summary>
    /// Certificate for a gateway's or silo's own ECDSA P-256 key, against a one-time enrolment token.
    /// </summary>
    [Alias("enrol")] Task<Enrolment> Enrol(EnrolmentRequest request);

    /// <summary>
    /// Numbers a silo's start; older incarnations are dead. Body: a signed lease request of no purpose.
    /// </summary>
    [Alias("register")] Task<long> RegisterIncarnation(byte[] signedRequest);
}

/// <param name="Role">"gateway" or "backend".</param>
/// <param name="PublicKey">SubjectPublicKeyInfo (DER) of the caller's own ECDSA P-256 key.</param>
[GenerateSerializer, Immutable, Alias("ama.control.enrolment-request")]
public sealed record EnrolmentRequest(
    [property: Id(0)] string Token, [property: Id(1)] string Role, [property: Id(2)] string Name,
    [property: Id(3)] byte[] PublicKey);

/// <param name="Certificate">DER, SAN spiffe://ama/{region}/{role}/{name}.</param>
/// <param name="SigningKey">Control's CSK, the raw 32-byte Ed25519 public key that verifies every signed
/// document.</param>
[GenerateSerializer, Immutable, Alias("ama.control.enrolment")]
public sealed record Enrolment(
    [property: Id(0)] byte[] Certificate, [property: Id(1)] byte[] CaCertificate, [property: Id(2)] byte[] SigningKey);
