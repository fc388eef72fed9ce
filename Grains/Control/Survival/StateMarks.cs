using AMA.Archive.Blobs;
using AMA.Grains.Control.Audit;

namespace AMA.Grains.Control.Survival;

/// <summary>What the audit log knows of states' generations, and how that is asked and told.</summary>
internal static class StateMarks
{
    /// <summary>Why this version must not be used; null when it may.</summary>
    public static async Task<string?> RefusalOf(IAuditGrain audit, StateVersion version) =>
        await audit.MarkOf(version.Name) is { } mark ? RefusalOf(mark, version) : null;

    /// <summary>The same by the newest mark there is.</summary>
    public static string? RefusalOf(StateMark mark, StateVersion version)
    {
        if (version.Generation < mark.Generation)
            return $"it is of generation {version.Generation}, and {mark.Generation} was written";
        var other = version.Generation == mark.Generation
            && !string.Equals(version.Sha256, Convert.ToHexStringLower(mark.Sha256), StringComparison.Ordinal);
        return other ? $"it is not what was written as generation {mark.Generation}" : null;
    }

    /// <summary>
    /// The version under the name of its life: a state that isn't off site begins anew with each restore, but its old
    /// marks come back with the audit log.
    /// </summary>
    /// <param name="life">The region's restore generation; 0: the name as it is.</param>
    public static StateVersion InLife(StateVersion version, uint life) =>
        life == 0 ? version : version with { Name = $"{version.Name}@{life}" };

    public static StateMark Of(StateVersion version) =>
        new(version.Name, version.Generation, Convert.FromHexString(version.Sha256));

    public static Task Record(IAuditGrain audit, StateVersion version, DateTimeOffset now) => audit.Append(
        new AuditEntry(AuditAct.StateWrite, true, now)
        {
            Mark = Of(version),
        }, null);

    public static Task RecordRefusal(IAuditGrain audit, string reason, DateTimeOffset now) =>
        audit.Append(new AuditEntry(AuditAct.StateWrite, false, now) { Reason = reason }, null);
}
