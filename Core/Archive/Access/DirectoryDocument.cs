using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AMA.Archive.Ids;
using AMA.Archive.Keys;

namespace AMA.Archive.Access;

/// <summary>
/// The journal addresses of a region: what a gateway accepts mail for. It says nothing else about a tenant.
/// </summary>
/// <param name="Version">Grows with every change of the entries or of the queue keys published beside them.</param>
/// <param name="IssuedAt">When it was signed; the same version is signed again now and then.</param>
public sealed record DirectoryDocument(
    long Version, Region Region, DateTimeOffset IssuedAt, DirectoryEntry[] Entries)
{
    public const string Label = "ama/directory@v1";

    public byte[] Sign(Secret seed) =>
        SignedDocument.Sign(seed, Label, StrictJson.Write(this, AccessJson.Default.DirectoryDocument));

    public static bool TryVerify(
        ReadOnlyMemory<byte> signed, ReadOnlySpan<byte> signingKey, [NotNullWhen(true)] out DirectoryDocument? document)
    {
        document = null;
        return SignedDocument.TryVerify(signingKey, Label, signed, out var body)
            && StrictJson.TryRead(body.Span, AccessJson.Default.DirectoryDocument, out document);
    }
}

/// <param name="Address">Lower case, unique in the region.</param>
[method: JsonConstructor] // a struct would otherwise be filled in part
public readonly record struct DirectoryEntry(string Address, Guid Tenant, Guid Mailbox);
