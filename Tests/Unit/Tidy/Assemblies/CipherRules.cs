namespace AMA.Tests.Unit.Tidy.Assemblies;

/// <summary>
/// Ciphers, key derivation and signatures are called in two rooms only, AMA.Archive.Sealing and AMA.Archive.Keys, so
/// that a review of the cryptography is a review of two folders. Whoever else needs a primitive stands here with the
/// reason; a row that nobody needs any more fails the test.
/// </summary>
internal static class CipherRules
{
    private static readonly string[] Rooms = ["AMA.Archive.Sealing", "AMA.Archive.Keys"];

    /// <summary>
    /// No secrets: digests, comparing and zeroing, names, errors; and base types that do nothing without a primitive.
    /// </summary>
    private static readonly string[] Harmless =
    [
        "CryptographicException", "CryptographicOperations", "HashAlgorithmName", "IncrementalHash", "HashAlgorithm",
        "SHA256", "SHA512", "SHA1", "Oid", "OidCollection", "AsnEncodedData", "ECCurve", "ECParameters", "ECAlgorithm",
        "AsymmetricAlgorithm", "PemEncoding", "PemFields",
    ];

    private const string CskReason = "signs and checks Control's documents (Ed25519)";
    private const string CertificateReason = "keys of the closed PKI: signatures, no encryption (P-256)";
    private const string PasswordReason = "passwords are hashed at sign-in (Argon2id)";

    /// <summary>User (a type, or a namespace with a dot behind it), primitive, reason.</summary>
    public static readonly (string User, string Primitive, string Reason)[] Allowed =
    [
        ("AMA.Adapters.Local.SystemRandom", "RandomNumberGenerator", "the one source of randomness behind IRandom"),
        ("AMA.Gateway.Cli.Surroundings", "RandomNumberGenerator", "the same for the tool, which knows no file stores"),

        ("AMA.Archive.Access.SignedDocument", "Key", CskReason),
        ("AMA.Archive.Access.SignedDocument", "KeyCreationParameters", CskReason),
        ("AMA.Archive.Access.SignedDocument", "PublicKey", CskReason),
        ("AMA.Archive.Access.SignedDocument", "SignatureAlgorithm", CskReason),
        ("AMA.Archive.Access.", "ECDsa", CertificateReason),
        ("AMA.Archive.Spool.GatewayCertificate", "ECDsa", CertificateReason),
        ("AMA.Archive.Spool.GatewayIdentity", "ECDsa", CertificateReason),
        ("AMA.Gateway.Smtp.SmtpCertificate", "ECDsa", "a self-signed TLS certificate when none is given"),

        ("AMA.Grains.Control.SignIn.PasswordHasher", "Argon2Parameters", PasswordReason),
        ("AMA.Grains.Control.SignIn.PasswordHasher", "PasswordBasedKeyDerivationAlgorithm", PasswordReason),

        ("AMA.Archive.Spool.SegmentKey", "HKDF", "derives a segment's key from KeyAgreement's secret, as AMQ1 says"),
        ("AMA.Adapters.Hosting.StateSeal", "HKDF", "one key for states, one for names; Cobblestone does the rest"),
        ("AMA.Adapters.Hosting.StateSeal", "HMACSHA256", "blob names are keyed hashes: grain keys hold tenants' names"),
        ("AMA.Grains.Control.Keys.KeyRing", "HKDF", "one key for each use of Control's state key"),
        ("AMA.Grains.Control.Identity.EnrolmentTokens", "HMACSHA256", "a token that only Control can make"),
    ];

    public static bool IsPrimitive(string type)
    {
        if (type.StartsWith("NSec.Cryptography.", StringComparison.Ordinal)) return true;
        const string Framework = "System.Security.Cryptography.";
        return type.StartsWith(Framework, StringComparison.Ordinal)
            && !type.StartsWith(Framework + "X509Certificates.", StringComparison.Ordinal)
            && !Harmless.Contains(type[Framework.Length..]);
    }

    public static IEnumerable<string> Violations(IEnumerable<TypeUse> uses) => uses
        .Where(use => IsPrimitive(use.Used) && !InRoom(use.User) && !IsAllowed(use))
        .Select(use => $"{use.User} calls {use.Used}")
        .Order(StringComparer.Ordinal);

    private static bool InRoom(string user) => Rooms.Any(room => user.StartsWith(room + ".", StringComparison.Ordinal));

    private static bool IsAllowed(TypeUse use) => Allowed.Any(a => Matches(a.User, a.Primitive, use));

    public static bool Matches(string user, string primitive, TypeUse use) =>
        (use.User == user || user.EndsWith('.') && use.User.StartsWith(user, StringComparison.Ordinal))
        && use.Used.EndsWith("." + primitive, StringComparison.Ordinal);
}
