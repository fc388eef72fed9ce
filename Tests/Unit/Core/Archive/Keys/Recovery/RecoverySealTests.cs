using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Recovery;
using AMA.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys.Recovery;

public sealed class RecoverySealTests
{
    [Fact]
    public void SealedRootKey_ComesBackWithThePrivateHalf_AndWithNothingElse()
    {
        using var root = Secret.Random(SystemRandom.Instance);
        var (key, publicKey) = KeyAgreement.NewPair(SystemRandom.Instance);
        var (other, _) = KeyAgreement.NewPair(SystemRandom.Instance);
        using (key)
        using (other)
        {
            var blob = RecoverySeal.Seal(root, publicKey, Region.Eu, SystemRandom.Instance);
            using var opened = RecoverySeal.Open(blob, key, Region.Eu);
            Assert.Equal(root.Span.ToArray(), opened.Span.ToArray());
            Assert.Throws<SealException>(() => RecoverySeal.Open(blob, other, Region.Eu));
            Assert.Throws<SealException>(() => RecoverySeal.Open(blob, key, Region.Us));
            for (var at = 0; at < blob.Length; at++)
            {
                blob[at] ^= 1;
                // The highest bit of a public key doesn't count in RFC 7748, but here it is in the salt.
                Assert.Throws<SealException>(() => RecoverySeal.Open(blob, key, Region.Eu));
                blob[at] ^= 1;
            }
        }
    }
}
