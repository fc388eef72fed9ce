using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AMA.Archive.Ids;
using AMA.Archive.Keys;

namespace AMA.Archive.Access;

/// <summary>
/// A region's tenants as a gateway must know them: what it accepts mail for, and from whom. No name of a tenant, and of
/// its secrets only hashes.
/// </summary>
/// <param name="Version">Grows with every change of the tenants or of the queue keys published beside them.</param>
/// <param name="IssuedAt">When it was signed; the same version is signed again now and then.</param>
public sealed record DirectoryDocument(
    long Version, Region Region, DateTimeOffset IssuedAt, PublishedTenant[] Tenants)
{
    public const string Label = "ama/directory@v2";

    public byte[] Sign(Secret seed) =>
        SignedDocument.Sign(seed, Label, StrictJson.Write(this, AccessJson.Default.DirectoryDocument));

    public static bool TryVerify(
        ReadOnlyMemory<byte> signed, ReadOnlySpan<byte> signingKey, [NotNullWhen(true)] out DirectoryDocument? document)
    {
        document = null;
        return SignedDocument.TryVerify(signingKey, Label, signed, out var body)
            && StrictJson.TryRead(body.Span, AccessJson.Default.DirectoryDocument, out document)
            && document.IsWhole;
    }

    /// <summary>The reader of JSON knows what may be null of members, not of what stands in a list.</summary>
    private bool IsWhole => Array.TrueForAll(
        Tenants, tenant => tenant is not null && Array.TrueForAll(tenant.Sources, source => source is not null));
}

/// <param name="Suspended">Mail for it is put off.</param>
/// <param name="MessageBytesMax">Null: the gateway's own limit.</param>
/// <param name="MessagesPerMinuteMax">At each gateway; null: none.</param>
public sealed record PublishedTenant(
    Guid Tenant, bool Suspended, long? MessageBytesMax, int? MessagesPerMinuteMax,
    DirectoryAddress[] Addresses, DirectoryDomain[] Domains, MailSource[] Sources);

/// <param name="Address">Lower case, unique in the region.</param>
[method: JsonConstructor] // a struct would otherwise be filled in part
public readonly record struct DirectoryAddress(string Address, Guid Mailbox);

/// <param name="Domain">Lower case, unique in the region; every address of it stands for one mailbox.</param>
[method: JsonConstructor]
public readonly record struct DirectoryDomain(string Domain, Guid Mailbox);
