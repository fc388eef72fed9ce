using System.Diagnostics.CodeAnalysis;
using AMA.Archive.Access;

namespace AMA.Archive.Keys.Leases;

/// <summary>
/// Control's answer to a <see cref="LeaseRequest"/>, signed with its signing key. The keys in it only the asking
/// silo's memory opens: <see cref="LeaseSeal"/>.
/// </summary>
/// <param name="Silo">The silo's name; with <paramref name="Tenant"/> and <paramref name="Purpose"/> what a revocation
/// matches.</param>
/// <param name="Fence">Of the tenant's writer, in ingest leases; otherwise 0.</param>
/// <param name="TtlSeconds">Counted by the silo from the moment it sent the request.</param>
/// <param name="RenewAfterSeconds">When to ask again; 0: not renewable.</param>
/// <param name="MaxAgeSeconds">From the first grant on, renewals included.</param>
/// <param name="Suite">The request's.</param>
/// <param name="KemCiphertext">By the suite; empty in renewals.</param>
/// <param name="SealedKeys">Empty in renewals.</param>
public sealed record LeaseGrant(
    Guid LeaseId, Guid? Tenant, string Silo, LeasePurpose Purpose, ulong Fence, int TtlSeconds, int RenewAfterSeconds,
    int MaxAgeSeconds, byte[] RequestNonce, LeaseSuite Suite, byte[] KemCiphertext, byte[] SealedKeys)
{
    public const string Label = "ama/lease-grant@v1";

    public byte[] Sign(Secret seed) =>
        SignedDocument.Sign(seed, Label, StrictJson.Write(this, LeaseJson.Default.LeaseGrant));

    /// <summary>True for Control's answer to exactly <paramref name="request"/>.</summary>
    public static bool TryVerify(
        ReadOnlyMemory<byte> signed, ReadOnlySpan<byte> signingKey, LeaseRequest request,
        [NotNullWhen(true)] out LeaseGrant? grant)
    {
        grant = null;
        if (!SignedDocument.TryVerify(signingKey, Label, signed, out var body)) return false;
        if (!StrictJson.TryRead(body.Span, LeaseJson.Default.LeaseGrant, out var read)) return false;
        if (!read.RequestNonce.AsSpan().SequenceEqual(request.Nonce)) return false;
        if (read.Silo != request.SiloId || read.Tenant != request.Tenant) return false;
        if (read.Purpose != request.Purpose || read.Suite != request.Suite) return false;
        grant = read;
        return true;
    }
}
