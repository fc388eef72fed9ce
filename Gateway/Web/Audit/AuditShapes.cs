namespace AMA.Gateway.Web.Audit;

/// <summary>What Control recorded about the tenant's keys, oldest first, with what proves it.</summary>
/// <param name="Items">At most 200; may be empty on a page that isn't the last.</param>
/// <param name="Next">The next page's cursor, or null at the end.</param>
/// <param name="Checkpoint">Control's signed note over its whole log (docs/formats/checkpoint.md).</param>
/// <param name="VerifierKey">The key that verifies the note: compare it with the one your provider published.</param>
public sealed record AuditPageShape(AuditItemShape[] Items, string? Next, string Checkpoint, string VerifierKey);

/// <summary>One entry.</summary>
/// <param name="Index">Among all entries of the region.</param>
/// <param name="Act">What was asked for: "lease-grant", "lease-renewal", "sign-in", …</param>
/// <param name="Granted">False: it was refused.</param>
/// <param name="Time">When.</param>
/// <param name="Silo">Which silo or gateway.</param>
/// <param name="Purpose">Of a lease.</param>
/// <param name="Person">Who.</param>
/// <param name="Reason">Why it was refused, or what it was about.</param>
/// <param name="Record">All of it, exactly as recorded: JSON in a string, for the proof is over these bytes.</param>
/// <param name="Salt">32 bytes, base64.</param>
/// <param name="Path">Hashes from the entry's leaf to the checkpoint's root, base64.</param>
public sealed record AuditItemShape(
    long Index, string Act, bool Granted, DateTime Time, string? Silo, string? Purpose, string? Person, string? Reason,
    string Record, string Salt, string[] Path);
