using System.Text.Json;
using System.Text.Json.Serialization;
using AMA.Archive.Access;

namespace AMA.Adapters.Hosting.Identity;

// What goes over the enrolment endpoint (docs/formats/signed-documents.md, "Enrolment").

/// <param name="Request">PKCS#10, DER.</param>
public sealed record EnrolBody(string Token, string Role, string Name, byte[] Request);

/// <param name="Certificate">The one to be renewed, DER; may have run out.</param>
/// <param name="Signature">With its key, over the request.</param>
public sealed record RenewBody(byte[] Certificate, byte[] Request, byte[] Signature);

/// <param name="Authorities">DER; whoever asks checks the first against its token's fingerprint.</param>
/// <param name="SigningKey">Control's CSK, raw Ed25519; the one before behind it while that one counts.</param>
/// <param name="Signed">
/// <see cref="TrustDocument"/> that says the same, once by each of the signing keys: all that counts for whoever knows
/// one of them already.
/// </param>
public sealed record TrustNews(byte[][] Authorities, byte[] SigningKey, byte[][] Signed);

public sealed record IssuedNews(byte[] Certificate, TrustNews Trust);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EnrolBody))]
[JsonSerializable(typeof(RenewBody))]
[JsonSerializable(typeof(TrustNews))]
[JsonSerializable(typeof(IssuedNews))]
public sealed partial class EnrolmentJson : JsonSerializerContext;
