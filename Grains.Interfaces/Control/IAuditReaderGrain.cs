using Orleans;

namespace AMA.Grains.Interfaces.Control;

/// <summary>What Control recorded, for those whom it concerns. Key: the region.</summary>
[Alias("ama.control.audit-reader")]
public interface IAuditReaderGrain : IGrainWithStringKey
{
    /// <summary>
    /// Everything on record about the tenant of the token, which must be a live auditor's: never another tenant's.
    /// Reading is on record too. Throws <see cref="ControlException"/>.
    /// </summary>
    [Alias("tenant")] Task<AuditPage> Tenant(string accessToken, AuditQuestion question);
}

/// <param name="Since">Entries from then on; null: from the beginning.</param>
/// <param name="Act">Only this kind, as it is written in the entries ("lease-grant"); null: all.</param>
/// <param name="Cursor">Where the page before ended; null: at the beginning.</param>
[GenerateSerializer, Immutable, Alias("ama.control.audit-question")]
public sealed record AuditQuestion(
    [property: Id(0)] DateTimeOffset? Since, [property: Id(1)] string? Act, [property: Id(2)] string? Cursor);

/// <summary>A page of the log, oldest first, with what proves it.</summary>
/// <param name="Next">The next page's cursor; null at the end. A page may be empty and still have one.</param>
/// <param name="Checkpoint">Signed note over the whole log (docs/formats/checkpoint.md).</param>
/// <param name="VerifierKey">Control's public key, in the form of C2SP signed notes.</param>
[GenerateSerializer, Immutable, Alias("ama.control.audit-page")]
public sealed record AuditPage(
    [property: Id(0)] AuditItem[] Items, [property: Id(1)] string? Next, [property: Id(2)] string Checkpoint,
    [property: Id(3)] string VerifierKey);

/// <param name="Index">Among all entries of the region.</param>
/// <param name="Entry">JSON (docs/formats/control-state.md, "Audit"), exactly the bytes that were recorded.</param>
/// <param name="Salt">With the entry it gives the leaf.</param>
/// <param name="Path">From the leaf to the checkpoint's root.</param>
[GenerateSerializer, Immutable, Alias("ama.control.audit-item")]
public sealed record AuditItem(
    [property: Id(0)] long Index, [property: Id(1)] byte[] Entry, [property: Id(2)] byte[] Salt,
    [property: Id(3)] byte[][] Path);
