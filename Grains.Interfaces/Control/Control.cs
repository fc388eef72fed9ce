using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Control;

/// <summary>A region's directory of tenants, users and journal addresses. Key: the region ("eu").</summary>
[Alias("ama.control.directory")]
public interface IDirectoryGrain : IGrainWithStringKey
{
    /// <summary>
    /// Creates a tenant with its keys, durable in both of Control's stores, and the next directory version.
    /// </summary>
    [Alias("create-tenant")] Task<TenantView> CreateTenant(string operatorToken, NewTenant tenant);
    [Alias("tenants")] Task<TenantView[]> Tenants(string operatorToken);
    [Alias("create-user")] Task<UserView> CreateUser(string operatorToken, string tenantName, NewUser user);

    /// <summary>A short-lived signed access grant with role operator for the holder of the operator token.</summary>
    [Alias("operator-grant")] Task<SignedInView> OperatorGrant(string operatorToken);

    /// <summary>
    /// The signed documents a gateway lives by: addresses and queue public keys (AMA.Archive.Access).
    /// </summary>
    [Alias("documents")] Task<GatewayDocuments> Documents();
}

/// <summary>Local users' sign-in. Key: "{region}/{tenant name, lower case}".</summary>
[Alias("ama.control.sign-in")]
public interface ISignInGrain : IGrainWithStringKey
{
    /// <summary>
    /// A signed access grant. Throws <see cref="ControlException"/> (NotAuthorised), alike for all causes.
    /// </summary>
    /// <remarks>Interleaves: it only reads accounts, and one slow hash must not hold up a whole tenant.</remarks>
    [Alias("sign-in"), AlwaysInterleave] Task<SignedInView> SignIn(string user, string password);
}

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

[GenerateSerializer, Immutable, Alias("ama.control.new-tenant")]
public sealed record NewTenant([property: Id(0)] string Name, [property: Id(1)] string[] JournalAddresses);

[GenerateSerializer, Immutable, Alias("ama.control.tenant")]
public sealed record TenantView(
    [property: Id(0)] Guid Id, [property: Id(1)] string Name, [property: Id(2)] string Region,
    [property: Id(3)] string[] JournalAddresses, [property: Id(4)] long DirectoryVersion);

/// <param name="Role">"user" or "auditor".</param>
/// <param name="Password">Null: Control makes one and answers with it, once.</param>
[GenerateSerializer, Immutable, Alias("ama.control.new-user")]
public sealed record NewUser(
    [property: Id(0)] string User, [property: Id(1)] string Role, [property: Id(2)] string[] Addresses,
    [property: Id(3)] string? Password);

[GenerateSerializer, Immutable, Alias("ama.control.user")]
public sealed record UserView(
    [property: Id(0)] string User, [property: Id(1)] string Role, [property: Id(2)] string[] Addresses,
    [property: Id(3)] string? Password);

[GenerateSerializer, Immutable, Alias("ama.control.signed-in")]
public sealed record SignedInView([property: Id(0)] string Token, [property: Id(1)] DateTimeOffset ExpiresAt);

[GenerateSerializer, Immutable, Alias("ama.control.gateway-documents")]
public sealed record GatewayDocuments(
    [property: Id(0)] long DirectoryVersion, [property: Id(1)] byte[] Directory, [property: Id(2)] byte[] QueueKeys);

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

public enum ControlRefusal
{
    NotAuthorised,
    NotFound,
    Conflict,
    Invalid,
    /// <summary>Ours, for now: stores or audit away. A later try may succeed.</summary>
    Unavailable,
}

/// <summary>Control says no. The message says why and what to do; it never names content or keys.</summary>
[GenerateSerializer, Alias("ama.control.exception")]
public sealed class ControlException(ControlRefusal refusal, string message) : Exception(message)
{
    [Id(0)] public ControlRefusal Refusal { get; } = refusal;
}
