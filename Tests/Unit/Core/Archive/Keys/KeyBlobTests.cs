using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys;

public class KeyBlobTests
{
    private static readonly Guid WrappingId = Guid.Parse("01020304-0506-0708-090a-0b0c0d0e0f10");
    private static readonly TenantId Tenant = Samples.Part.Tenant;
    private static readonly string Context = KeyContext.Of(KeyType.EpochTree, Region.Eu, Tenant, 1, 24376, 1);

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(100_000)]
    public void WrappedKey_ComesBack(int length)
    {
        using var wrapping = Secret.Random(new SeededRandom(1));
        var key = new SeededRandom(length).NextBytes(length);
        var blob = Wrap(wrapping, key);
        using var unwrapped = KeyBlob.Unwrap(wrapping, WrappingId, blob, KeyType.EpochTree, Context);
        Assert.Equal(key, unwrapped.Span.ToArray());
        Assert.Equal(5u, KeyBlob.Peek(blob).WrappingVersion);
    }

    [Fact]
    public void EveryBitFlip_IsRefused()
    {
        using var wrapping = Secret.Random(new SeededRandom(2));
        var blob = Wrap(wrapping, new byte[32]);
        for (var bit = 0; bit < blob.Length * 8; bit++)
        {
            var damaged = blob.ToArray();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            Samples.FaultOf(() => KeyBlob.Unwrap(wrapping, WrappingId, damaged, KeyType.EpochTree, Context));
        }
    }

    [Fact]
    public void EveryTruncation_IsRefused()
    {
        using var wrapping = Secret.Random(new SeededRandom(3));
        var blob = Wrap(wrapping, new byte[32]);
        for (var length = 0; length < blob.Length; length++)
            Samples.FaultOf(
                () => KeyBlob.Unwrap(wrapping, WrappingId, blob.AsSpan(0, length), KeyType.EpochTree, Context));
    }

    /// <summary>Row 36 for keys: a blob put in another tenant's, class's, epoch's or generation's place.</summary>
    [Fact]
    public void Threat_36_SwappedKeyBlob_IsRefused()
    {
        using var wrapping = Secret.Random(new SeededRandom(4));
        var blob = Wrap(wrapping, new byte[32]);
        var other = new TenantId(Guid.Empty);
        foreach (var context in (string[])[
            KeyContext.Of(KeyType.EpochTree, Region.Us, Tenant, 1, 24376, 1),
            KeyContext.Of(KeyType.EpochTree, Region.Eu, other, 1, 24376, 1),
            KeyContext.Of(KeyType.EpochTree, Region.Eu, Tenant, 2, 24376, 1),
            KeyContext.Of(KeyType.EpochTree, Region.Eu, Tenant, 1, 24377, 1),
            KeyContext.Of(KeyType.EpochTree, Region.Eu, Tenant, 1, 24376, 2)])
        {
            Assert.Equal(SealFault.Context, Samples.FaultOf(
                () => KeyBlob.Unwrap(wrapping, WrappingId, blob, KeyType.EpochTree, context)));
        }
    }

    [Fact]
    public void Contexts_AreTheTextsOfTheFormat()
    {
        Assert.Equal("ama/v1|ekt|eu|11111111222233334444555555555555|1|24376|1", Context);
        Assert.Equal("ama/v1|csk|us||||", KeyContext.Of(KeyType.Signing, Region.Us));
        var texts = Enum.GetValues<KeyType>().Select(KeyContext.Text).ToList();
        Assert.Equal(texts.Count, texts.Distinct().Count());
    }

    private static byte[] Wrap(Secret wrapping, byte[] key) =>
        KeyBlob.Wrap(wrapping, WrappingId, 5, KeyType.EpochTree, Context, key, new SeededRandom(9));
}
