using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Sealing;

/// <summary>The second half of the hybrid suite, and the pair as a whole.</summary>
public sealed class MlKemTests
{
    private static readonly SeededRandom Random = new(768);

    [Fact]
    public void BothSides_FindTheSameSecret_AndAFreshOneEachTime()
    {
        var (seed, publicKey) = MlKem.NewPair(Random);
        Assert.Equal(MlKem.PublicBytes, publicKey.Length);
        var (first, ciphertext) = MlKem.Encapsulate(publicKey, Random);
        var (second, _) = MlKem.Encapsulate(publicKey, Random);
        using var found = MlKem.Decapsulate(seed, ciphertext);
        Assert.Equal(first.Span.ToArray(), found.Span.ToArray());
        Assert.NotEqual(first.Span.ToArray(), second.Span.ToArray());
    }

    [Fact]
    public void SameSeed_IsTheSameKey()
    {
        var (seed, publicKey) = MlKem.NewPair(Random);
        Assert.Equal(publicKey, MlKem.PublicOf(seed));
    }

    [Fact]
    public void AnotherKey_OrAnAlteredCiphertext_GivesAnotherSecret()
    {
        var (seed, publicKey) = MlKem.NewPair(Random);
        var (other, _) = MlKem.NewPair(Random);
        var (shared, ciphertext) = MlKem.Encapsulate(publicKey, Random);
        using var wrong = MlKem.Decapsulate(other, ciphertext);
        Assert.NotEqual(shared.Span.ToArray(), wrong.Span.ToArray());
        ciphertext[500] ^= 1;
        using var altered = MlKem.Decapsulate(seed, ciphertext);
        Assert.NotEqual(shared.Span.ToArray(), altered.Span.ToArray());
    }

    [Fact]
    public void WhatIsNoKeyOrCiphertext_IsRefused()
    {
        var (seed, publicKey) = MlKem.NewPair(Random);
        Assert.Equal(SealFault.Format, Fault(() => MlKem.Encapsulate(publicKey.AsSpan(1), Random)));
        Assert.Equal(SealFault.Format, Fault(() => MlKem.Decapsulate(seed, new byte[MlKem.CiphertextBytes - 1])));
        var beyond = (byte[])publicKey.Clone();
        beyond.AsSpan(0, 64).Fill(0xFF); // numbers that are not below the modulus
        Assert.Equal(SealFault.WeakKey, Fault(() => MlKem.Encapsulate(beyond, Random)));
    }

    [Theory]
    [InlineData(0), InlineData(31), InlineData(32), InlineData(1_119)]
    public void EitherHalfOfAnAnswerAltered_OpensNothing(int at)
    {
        using var kem = LeaseKemPair.Create(LeaseSuite.Hybrid, Random);
        var request = Random.NextBytes(300);
        var grant = new LeaseGrant(
            Random.NextId(), null, "silo-1", LeasePurpose.Queue, 0, 60, 20, 86_400, Random.NextBytes(32), LeaseSuite.Hybrid,
            [], []);
        LeasedKey[] keys = [new(LeasedKeyKind.QueuePrivate, 1, 0, 0, 0, 0, 0, Secret.Random(Random))];
        var answer = LeaseSeal.SealKeys(grant, request, kem.PublicKey, keys, Random);
        Assert.Single(LeaseSeal.OpenKeys(answer, request, kem));
        var altered = (byte[])answer.KemCiphertext.Clone();
        altered[at] ^= 1;
        Fault(() => LeaseSeal.OpenKeys(answer with { KemCiphertext = altered }, request, kem));
    }

    [Fact]
    public void AnswerInAWeakerSuite_IsRefused()
    {
        using var kem = LeaseKemPair.Create(LeaseSuite.Hybrid, Random);
        var request = Random.NextBytes(300);
        var grant = new LeaseGrant(
            Random.NextId(), null, "silo-1", LeasePurpose.Queue, 0, 60, 20, 86_400, Random.NextBytes(32), LeaseSuite.X25519,
            [], []);
        var weak = LeaseSeal.SealKeys(grant, request, kem.PublicKey[..32], [], Random);
        Assert.Equal(SealFault.Context, Fault(() => LeaseSeal.OpenKeys(weak, request, kem)));
        Assert.Equal(
            SealFault.Format, Fault(() => LeaseSeal.OpenKeys(weak with { Suite = LeaseSuite.Hybrid }, request, kem)));
    }

    private static SealFault Fault(Action act) => Assert.Throws<SealException>(act).Fault;
}
