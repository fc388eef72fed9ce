using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using AMA.Archive.Ids;
using AMA.Archive.Keys;

namespace AMA.Archive.Access;

/// <summary>
/// What a person may do for a short time, signed by Control at sign-in. The token that travels is the base64url of the
/// signed document; back-end grains verify it on every call.
/// </summary>
/// <param name="Tenant">Null exactly for operators.</param>
/// <param name="Addresses">The person's own, lower case, at most <see cref="AddressesMax"/>.</param>
public sealed record AccessGrant(
    Guid Session, Guid? Tenant, string TenantName, string User, AccessRole Role, string[] Addresses,
    DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, Region Region)
{
    public const string Label = "ama/access-grant@v1";

    /// <summary>Keeps a token below what HTTP servers take as a header.</summary>
    public const int AddressesMax = 32;

    public const int TokenCharsMax = 24 << 10;

    /// <summary>A grant from a clock that runs ahead by more than this is refused.</summary>
    public static readonly TimeSpan ClockSkewMax = TimeSpan.FromMinutes(5);

    public string Sign(Secret seed) => Base64Url.EncodeToString(
        SignedDocument.Sign(seed, Label, StrictJson.Write(this, AccessJson.Default.AccessGrant)));

    /// <summary>False, alike for all causes, for a token that is not whole, not Control's or not valid now.</summary>
    public static bool TryVerify(
        string? token, ReadOnlySpan<byte> signingKey, DateTimeOffset now, [NotNullWhen(true)] out AccessGrant? grant)
    {
        grant = null;
        if (token is not { Length: > 0 and <= TokenCharsMax } || !Base64Url.IsValid(token)) return false;
        if (!SignedDocument.TryVerify(signingKey, Label, Base64Url.DecodeFromChars(token), out var body)) return false;
        if (!StrictJson.TryRead(body.Span, AccessJson.Default.AccessGrant, out var read)) return false;
        if (now >= read.ExpiresAt || now < read.IssuedAt - ClockSkewMax) return false;
        if (read.Tenant is null != (read.Role == AccessRole.Operator)) return false;
        grant = read;
        return true;
    }

    /// <summary>
    /// The content without any proof, for front-ends that only pass the token on and need its tenant to know where to.
    /// Whoever decides something by it must use <see cref="TryVerify"/>.
    /// </summary>
    public static bool TryReadUnverified(string? token, [NotNullWhen(true)] out AccessGrant? grant)
    {
        grant = null;
        if (token is not { Length: > 0 and <= TokenCharsMax } || !Base64Url.IsValid(token)) return false;
        var signed = Base64Url.DecodeFromChars(token);
        if (signed.Length <= SignedDocument.SignatureBytes) return false;
        var body = signed.AsSpan(SignedDocument.SignatureBytes);
        return StrictJson.TryRead(body, AccessJson.Default.AccessGrant, out grant);
    }
}
