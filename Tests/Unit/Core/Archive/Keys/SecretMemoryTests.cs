using AMA.Archive.Keys;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys;

public class SecretMemoryTests
{
    [Fact]
    public void Threat_38_Secrets_LieOnLockedPages_ThatNoDumpAndNoChildGets()
    {
        using var secret = Secret.Copy(new byte[32]);
        Assert.True(Secret.AreLocked);
        var flags = File.ReadAllLines("/proc/self/smaps").Where(line => line.StartsWith("VmFlags:", StringComparison.Ordinal));
        Assert.Contains(flags, line => new[] { " lo", " dd", " wf" }.All(flag => line.Contains(flag, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(4_096)]
    [InlineData(4_097)]
    [InlineData(1 << 20)]
    public void Secret_OfAnyLength_HoldsItsBytes_AndIsZeroedWhenItEnds(int length)
    {
        var bytes = Enumerable.Range(0, length).Select(i => (byte)(i % 251 + 1)).ToArray();
        var secret = Secret.Copy(bytes);
        var span = secret.Span;
        Assert.Equal(bytes, span.ToArray());
        secret.Dispose();
        Assert.True(span.IndexOfAnyExcept((byte)0) < 0);
        Assert.Throws<ObjectDisposedException>(() => secret.Span.Length);
    }

    [Fact]
    public void DisposedTwice_GivesItsPlaceToOneOther()
    {
        var first = Secret.Copy(new byte[32]);
        first.Dispose();
        first.Dispose();
        var many = Enumerable.Range(0, 5_000).Select(i => Secret.Copy(BitConverter.GetBytes(i))).ToList();
        for (var i = 0; i < many.Count; i++) Assert.Equal(i, BitConverter.ToInt32(many[i].Span));
        many.ForEach(secret => secret.Dispose());
    }

    /// <summary>Of a size that nothing else uses much: 64 to a slab.</summary>
    [Fact]
    public void Threat_38_PlaceThatCameBack_IsNobodyElsesForAWholeSlab()
    {
        var secret = Secret.Copy(Enumerable.Repeat((byte)1, 1_024).ToArray());
        var stillRead = secret.Span;
        secret.Dispose();
        var bytes = Enumerable.Repeat((byte)2, 1_024).ToArray();
        var others = Enumerable.Range(0, 64).Select(_ => Secret.Copy(bytes)).ToList();
        Assert.True(stillRead.IndexOfAnyExcept((byte)0) < 0);
        others.ForEach(other => other.Dispose());
    }

    [Fact]
    public void ManyThreads_NeverShareAPlace() => Parallel.For(0, 64, thread =>
    {
        for (var round = 0; round < 2_000; round++)
        {
            using var secret = Secret.Copy(Enumerable.Repeat((byte)(thread + 1), 48).ToArray());
            Assert.True(secret.Span.IndexOfAnyExcept((byte)(thread + 1)) < 0);
        }
    });
}
