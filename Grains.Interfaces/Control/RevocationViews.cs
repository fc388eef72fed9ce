using AMA.Archive.Keys.Leases;

namespace AMA.Grains.Interfaces.Control;

/// <summary>Revocations as they travel between the clusters.</summary>
public static class RevocationViews
{
    public static RevocationView View(this Revocation revocation) => new(
        revocation.Version, revocation.Kind.ToString().ToLowerInvariant(), revocation.Id, revocation.Silo,
        revocation.Held, revocation.At);

    /// <summary>Null for a kind this version does not know.</summary>
    public static Revocation? Read(RevocationView view) =>
        Enum.TryParse<RevocationKind>(view.Kind, ignoreCase: true, out var kind) && Enum.IsDefined(kind)
            ? new(view.Version, kind, view.Subject, view.Silo, view.Held, view.At)
            : null;
}
