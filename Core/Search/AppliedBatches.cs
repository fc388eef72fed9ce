using System.Collections.Immutable;
using System.Globalization;

namespace AMA.Search;

/// <summary>
/// Which log batches an index holds: all below <paramref name="Below"/>, and some above it that overtook others.
/// Committed with the documents themselves, so after a crash it says exactly what to read again.
/// </summary>
public sealed record AppliedBatches(ulong Below, ImmutableSortedSet<ulong> Beyond)
{
    /// <summary>Numbers kept above a gap. Whoever meets it fills the gap first.</summary>
    public const int BeyondMax = 4_096;

    public static AppliedBatches None { get; } = new(0, []);

    public bool Contains(ulong batch) => batch < Below || Beyond.Contains(batch);

    /// <summary>With <paramref name="batch"/> applied too.</summary>
    public AppliedBatches With(ulong batch) => Contains(batch) ? this : Settle(Below, Beyond.Add(batch));

    /// <summary>With every batch below <paramref name="below"/> applied too.</summary>
    public AppliedBatches WithAllBelow(ulong below) => below <= Below ? this : Settle(below, Beyond);

    private static AppliedBatches Settle(ulong below, ImmutableSortedSet<ulong> beyond)
    {
        while (beyond.Count > 0 && beyond.Min <= below)
        {
            if (beyond.Min == below) below++;
            beyond = beyond.Remove(beyond.Min);
        }
        if (beyond.Count > BeyondMax)
            throw new InvalidOperationException($"over {BeyondMax} batches wait for batch {below}: apply it first");
        return new(below, beyond);
    }

    public bool Equals(AppliedBatches? other) =>
        other is not null && Below == other.Below && Beyond.SetEquals(other.Beyond);

    public override int GetHashCode() => HashCode.Combine(Below, Beyond.Count);

    /// <summary>"12+14+15": all below 12, and 14 and 15.</summary>
    public override string ToString() => string.Join('+', Beyond.Prepend(Below).Select(Text));

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Throws <see cref="FormatException"/>.</summary>
    public static AppliedBatches Parse(string text)
    {
        var numbers = text.Split('+').Select(n => ulong.Parse(n, NumberStyles.None, CultureInfo.InvariantCulture));
        return new(numbers.First(), [.. numbers.Skip(1)]);
    }
}
