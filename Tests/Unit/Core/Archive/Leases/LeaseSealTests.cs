using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Sealing;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Leases;

public sealed class LeaseSealTests : IDisposable
{
    private static readonly SeededRandom Random = new(21);
    private readonly LeaseKemPair _kem = LeaseKemPair.Create(LeaseSuite.Hybrid, Random);
    private readonly byte[] _request = Random.NextBytes(500);

    public void Dispose() => _kem.Dispose();

    [Fact]
    public void Keys_ComeBackAsTheyWere()
    {
        LeasedKey[] keys =
        [
            new(LeasedKeyKind.QueuePrivate, ulong.MaxValue, 0, 0, 0, 0, 0, Secret.Random(Random)),
            new(LeasedKeyKind.Subtree, 0, 1, 24_435, 3, 65_536, 16, Secret.Random(Random)),
            new(
                LeasedKeyKind.Leaf, 0, ushort.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, 32,
                Secret.Random(Random)),
        ];
        var opened = LeaseSeal.OpenKeys(Seal(keys), _request, _kem);

        Assert.Equal(keys.Length, opened.Length);
        foreach (var (was, now) in keys.Zip(opened))
        {
            Assert.Equal(was.Key.Span.ToArray(), now.Key.Span.ToArray());
            Assert.Equal(was, now with { Key = was.Key });
        }
        Assert.Empty(LeaseSeal.OpenKeys(Seal([]), _request, _kem));
    }

    [Fact]
    public void AnotherSilo_AnotherRequest_AndAnyOtherField_AreRefused()
    {
        var grant = Seal([new(LeasedKeyKind.Idk, 0, 1, 2, 0, 0, 0, Secret.Random(Random))]);
        using var other = LeaseKemPair.Create(LeaseSuite.Hybrid, Random);
        var otherRequest = (byte[])_request.Clone();
        otherRequest[100] ^= 1;
        var otherNonce = (byte[])grant.RequestNonce.Clone();
        otherNonce[31] ^= 1;

        Refused(grant, _request, other);
        Refused(grant, otherRequest, _kem);
        Refused(grant with { LeaseId = Random.NextId() }, _request, _kem);
        Refused(grant with { Fence = grant.Fence + 1 }, _request, _kem);
        Refused(grant with { TtlSeconds = grant.TtlSeconds + 1 }, _request, _kem);
        Refused(grant with { RequestNonce = otherNonce }, _request, _kem);
        Assert.Single(LeaseSeal.OpenKeys(grant, _request, _kem));
    }

    [Fact]
    public void EveryFlippedBitAndTruncation_IsRefused()
    {
        var grant = Seal([new(LeasedKeyKind.Idk, 0, 1, 2, 0, 0, 0, Secret.Random(Random))]);
        for (var bit = 0; bit < grant.SealedKeys.Length * 8; bit++)
        {
            var bad = (byte[])grant.SealedKeys.Clone();
            bad[bit / 8] ^= (byte)(1 << bit % 8);
            Refused(grant with { SealedKeys = bad }, _request, _kem);
        }
        for (var length = 0; length < grant.SealedKeys.Length; length++)
            Refused(grant with { SealedKeys = grant.SealedKeys[..length] }, _request, _kem);
    }

    [Fact]
    public void KeyOfSmallOrder_IsRefused()
    {
        var weak = Assert.Throws<SealException>(() => LeaseSeal.SealKeys(
            Grant() with { Suite = LeaseSuite.X25519 }, _request, new byte[32], [], Random));
        Assert.Equal(SealFault.WeakKey, weak.Fault);
    }

    private LeaseGrant Seal(LeasedKey[] keys) => LeaseSeal.SealKeys(Grant(), _request, _kem.PublicKey, keys, Random);

    private static LeaseGrant Grant() => new(
        Random.NextId(), Random.NextId(), "silo-1", LeasePurpose.Ingest, 7, 3600, 1200, 86_400, Random.NextBytes(32),
        LeaseSuite.Hybrid, [], []);

    private static void Refused(LeaseGrant grant, byte[] request, LeaseKemPair kem) =>
        Assert.Throws<SealException>(() => LeaseSeal.OpenKeys(grant, request, kem));
}
