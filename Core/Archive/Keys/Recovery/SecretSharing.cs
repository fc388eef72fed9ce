using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Recovery;

/// <summary>One part of a split secret: where the polynomials were evaluated, and their values there.</summary>
/// <param name="Place">1 to 255; 0 would be the secret itself.</param>
/// <param name="Values">As long as the secret.</param>
internal sealed record SharePoint(byte Place, Secret Values);

/// <summary>
/// Shamir's k of n over GF(256), byte by byte (docs/formats/recovery-share.md): any k points give the secret, fewer
/// leave every secret as likely as before.
/// </summary>
internal static class SecretSharing
{
    public const int PointsMax = 255;

    /// <summary>Points at 1 … <paramref name="count"/>, for the caller to dispose of.</summary>
    public static SharePoint[] Split(Secret secret, int threshold, int count, IRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, PointsMax);

        // Row i holds the factors of x^(i+1) for all bytes; fresh for each split, or two splits could be compared.
        using var factors = Secret.Random(random, secret.Length * (threshold - 1));
        var points = new SharePoint[count];
        for (var i = 0; i < count; i++) points[i] = At((byte)(i + 1), secret, factors);
        return points;
    }

    /// <summary>
    /// The secret. As many points as were needed, each at another place: with too few, or a wrong one, the answer is
    /// another secret, which nothing here can tell. Throws <see cref="SealException"/> (Format).
    /// </summary>
    public static Secret Combine(IReadOnlyList<SharePoint> points)
    {
        SealException.Unless(points.Count >= 2, SealFault.Format, "too few shares");
        var length = points[0].Values.Length;
        var alike = points.All(point => point.Values.Length == length && point.Place != 0);
        SealException.Unless(alike, SealFault.Format, "shares of different secrets");
        var distinct = points.Select(point => point.Place).Distinct().Count() == points.Count;
        SealException.Unless(distinct, SealFault.Format, "the same share twice");
        return Secret.Make(length, points, static (all, secret) =>
        {
            secret.Clear();
            foreach (var point in all)
            {
                var weight = WeightAtZero(point.Place, all);
                for (var i = 0; i < secret.Length; i++)
                    secret[i] ^= ByteField.Multiply(point.Values.Span[i], weight);
            }
        });
    }

    private static SharePoint At(byte place, Secret secret, Secret factors) =>
        new(place, Secret.Make(secret.Length, (place, secret, factors), static (from, values) =>
        {
            var rows = from.factors.Length / values.Length;
            for (var i = 0; i < values.Length; i++)
            {
                byte value = 0; // Horner, from the highest power down
                for (var row = rows - 1; row >= 0; row--)
                    value = ByteField.Multiply(
                        (byte)(value ^ from.factors.Span[row * values.Length + i]), from.place);
                values[i] = (byte)(value ^ from.secret.Span[i]);
            }
        }));

    /// <summary>Lagrange's factor of one point at x = 0; minus is plus in this field.</summary>
    private static byte WeightAtZero(byte place, IReadOnlyList<SharePoint> points)
    {
        byte weight = 1;
        foreach (var other in points)
        {
            if (other.Place == place) continue;
            var difference = ByteField.Invert((byte)(other.Place ^ place));
            weight = ByteField.Multiply(weight, ByteField.Multiply(other.Place, difference));
        }
        return weight;
    }
}
