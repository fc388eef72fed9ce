using System.Text;
using AMA.Adapters.Local;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Recovery;
using AMA.Archive.Sealing;
using AMA.Tests.Unit.Core.Archive.Sealing;
using AMA.Tests.Unit.Vectors;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys.Recovery;

public sealed class RecoveryShareTests : IDisposable
{
    private readonly Secret _key;
    private readonly byte[] _public;
    private readonly RecoveryShare[] _shares;

    public RecoveryShareTests()
    {
        (_key, _public) = KeyAgreement.NewPair(SystemRandom.Instance);
        _shares = RecoveryShare.Split(_key, _public, SystemRandom.Instance);
    }

    [Fact]
    public void AllVectors() => VectorRun.All("recovery-share.vector", Bad, @case =>
    {
        var shares = Typed(@case).Select(text => RecoveryShare.Parse(text)).ToArray();
        Assert.Equal(@case.Text("checksum"), shares[0].Checksum);
        Assert.All(shares, share => Assert.True(share.IsOf(@case.Bytes("public"))));
        using var key = RecoveryShare.Combine(shares);
        Assert.Equal(@case.Bytes("key"), key.Span.ToArray());
    });

    [Fact]
    public void ThreeTypedShares_GiveTheKeyBack()
    {
        var typed = new[] { 4, 0, 2 }.Select(i => RecoveryShare.Parse(Text(_shares[i]))).ToArray();
        using var key = RecoveryShare.Combine(typed);
        Assert.Equal(_key.Span.ToArray(), key.Span.ToArray());
        Assert.Equal([1, 2, 3, 4, 5], _shares.Select(share => share.Number));
    }

    [Fact]
    public void CarelessTyping_IsUnderstood()
    {
        var text = Text(_shares[1]).ToLowerInvariant().Replace('-', ' ').Replace('1', 'l').Replace('0', 'o');
        using var share = RecoveryShare.Parse($"  {text}\n");
        Assert.Equal(_shares[1].Checksum, share.Checksum);
        Assert.EndsWith(share.Checksum, Text(_shares[1]), StringComparison.Ordinal);
    }

    /// <summary>Every place, every other character: none passes.</summary>
    [Fact]
    public void OneWrongCharacter_IsFound()
    {
        var text = Text(_shares[0]);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '-') continue;
            foreach (var other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".Where(other => other != text[at]))
            {
                var mistyped = $"{text[..at]}{other}{text[(at + 1)..]}";
                var refused = Assert.Throws<SealException>(() => RecoveryShare.Parse(mistyped));
                Assert.Equal(SealFault.Content, refused.Fault);
            }
        }
    }

    [Fact]
    public void TwoShares_AreTooFew()
    {
        var refused = Assert.Throws<SealException>(() => RecoveryShare.Combine([_shares[0], _shares[1], _shares[0]]));
        Assert.Equal(SealFault.Format, refused.Fault);
    }

    [Fact]
    public void SharesOfAnotherKey_AreRefused()
    {
        var (key, publicKey) = KeyAgreement.NewPair(SystemRandom.Instance);
        using (key)
        {
            var others = RecoveryShare.Split(key, publicKey, SystemRandom.Instance);
            var refused = Assert.Throws<SealException>(
                () => RecoveryShare.Combine([_shares[0], _shares[1], others[2]]));
            Assert.Equal(SealFault.Context, refused.Fault);
            Assert.False(others[0].IsOf(_public));
            foreach (var share in others) share.Dispose();
        }
    }

    public void Dispose()
    {
        _key.Dispose();
        foreach (var share in _shares) share.Dispose();
    }

    private static void Bad(VectorCase @case)
    {
        using var key = RecoveryShare.Combine([.. Typed(@case).Select(text => RecoveryShare.Parse(text))]);
    }

    private static IEnumerable<string> Typed(VectorCase @case) =>
        @case.Text("shares").Split(',', StringSplitOptions.TrimEntries);

    private static string Text(RecoveryShare share)
    {
        using var text = share.Text();
        return Encoding.ASCII.GetString(text.Span);
    }
}
