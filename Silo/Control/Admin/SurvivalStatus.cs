using AMA.Grains.Control.Survival;

namespace AMA.Silo.Control.Admin;

/// <summary>Erasure keys that are late, states that were put back, and how long ago the shares were tried.</summary>
internal sealed class SurvivalStatus(ControlSiloOptions options, SurvivalCare care, RecoveryDesk recovery) : IStatusPart
{
    public async Task<IReadOnlyList<StatusLine>> ReadAsync(CancellationToken cancel)
    {
        var (late, refused) = await care.TroublesAsync(options.Region);
        var rotations = await care.RotationsAsync(options.Region);
        return
        [
            new("erasure keys", late.Length == 0 ? "in time" : $"late: {string.Join(", ", late)}", late.Length == 0),
            new("states", refused == 0 ? "newest" : $"{refused} older copies refused", refused == 0),
            .. rotations.Select(at => new StatusLine(
                "rotation", $"{at.Done} of {at.Total} tenants, {at.Failed} to be tried again", at.Failed == 0)),
            new("recovery shares", Shares(), recovery.MadeAt is null || !recovery.IsOverdue),
        ];
    }

    private string Shares() => recovery.MadeAt is not { } made
        ? "none: ama control recovery create"
        : recovery.LastDrillAt is { } drill ? $"drilled {drill:yyyy-MM-dd}" : $"made {made:yyyy-MM-dd}, never drilled";
}
