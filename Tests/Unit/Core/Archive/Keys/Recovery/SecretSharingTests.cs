using AMA.Adapters.Local;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Recovery;
using AMA.Archive.Sealing;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys.Recovery;

/// <summary>Small enough to be tested for everything it can meet.</summary>
public class SecretSharingTests
{
    private static readonly byte[] AllBytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    [Fact]
    public void Field_IsTheField_ForEveryPair()
    {
        foreach (var left in AllBytes)
        {
            foreach (var right in AllBytes)
            {
                var product = ByteField.Multiply(left, right);
                Assert.Equal(Slowly(left, right), product);
                Assert.Equal(product, ByteField.Multiply(right, left));
                if (right != 0) Assert.Equal(left, ByteField.Multiply(product, ByteField.Invert(right)));
            }
        }
    }

    [Fact]
    public void EveryThreeOfFive_GiveEverySecretBack()
    {
        using var secret = Secret.Copy(AllBytes);
        var points = SecretSharing.Split(secret, 3, 5, SystemRandom.Instance);
        foreach (var subset in Subsets(points, 3))
        {
            using var combined = SecretSharing.Combine(subset);
            Assert.Equal(AllBytes, combined.Span.ToArray());
        }
        foreach (var point in points) point.Values.Dispose();
    }

    /// <summary>Whatever two holders see, each of the 256 secrets has exactly one third share that would give it.</summary>
    [Fact]
    public void EveryTwoOfFive_LeaveEverySecretPossible()
    {
        using var secret = Secret.Copy([0xA7]);
        var points = SecretSharing.Split(secret, 3, 5, SystemRandom.Instance);
        foreach (var pair in Subsets(points, 2))
        {
            var third = (byte)Enumerable.Range(1, 5).First(place => pair.All(point => point.Place != place));
            var secrets = new HashSet<byte>();
            foreach (var value in AllBytes)
            {
                using var values = Secret.Copy([value]);
                using var combined = SecretSharing.Combine([.. pair, new SharePoint(third, values)]);
                secrets.Add(combined.Span[0]);
            }
            Assert.Equal(256, secrets.Count);
        }
        foreach (var point in points) point.Values.Dispose();
    }

    /// <summary>One share says nothing either: with fresh factors, its value takes every byte for one secret.</summary>
    [Fact]
    public void ShareOfOneSecret_TakesEveryValue()
    {
        using var secret = Secret.Copy([0x00]);
        var seen = new HashSet<byte>();
        foreach (var factor in AllBytes)
        {
            var points = SecretSharing.Split(secret, 2, 2, new FixedRandom([factor]));
            seen.Add(points[0].Values.Span[0]);
            foreach (var point in points) point.Values.Dispose();
        }
        Assert.Equal(256, seen.Count);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    [InlineData(5, 9)]
    [InlineData(255, 255)]
    public void AnyThreshold_GivesTheSecretBack(int threshold, int count)
    {
        using var secret = Secret.Random(SystemRandom.Instance);
        var points = SecretSharing.Split(secret, threshold, count, SystemRandom.Instance);
        using var combined = SecretSharing.Combine([.. points.Reverse().Take(threshold)]);
        Assert.Equal(secret.Span.ToArray(), combined.Span.ToArray());
        foreach (var point in points) point.Values.Dispose();
    }

    [Fact]
    public void SameShareTwice_IsRefused()
    {
        using var values = Secret.Copy([1]);
        var refused = Assert.Throws<SealException>(
            () => SecretSharing.Combine([new(1, values), new(2, values), new(1, values)]));
        Assert.Equal(SealFault.Format, refused.Fault);
    }

    private static byte Slowly(int left, int right)
    {
        var product = 0;
        for (var bit = 0; bit < 8; bit++)
            if ((right >> bit & 1) != 0) product ^= left << bit;
        for (var bit = 15; bit >= 8; bit--)
            if ((product >> bit & 1) != 0) product ^= 0x11b << (bit - 8);
        return (byte)product;
    }

    private static IEnumerable<SharePoint[]> Subsets(SharePoint[] points, int size) =>
        Enumerable.Range(0, 1 << points.Length)
            .Where(mask => int.PopCount(mask) == size)
            .Select(mask => points.Where((_, i) => (mask >> i & 1) != 0).ToArray());
}
