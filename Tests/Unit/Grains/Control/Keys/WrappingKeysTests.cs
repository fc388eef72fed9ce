using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Grains.Control.Keys;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.Keys;

public sealed class WrappingKeysTests
{
    /// <summary>A rotation may end a moment before the hourly round, while a call unwraps with the key before.</summary>
    [Fact]
    public void ForgottenKey_IsZeroedAtTheSecondRoundAfter()
    {
        var (old, newest) = (Key(1), Key(2));
        using var keys = new WrappingKeys(old);
        keys.Renew(newest);
        keys.ForgetFormer();
        keys.ZeroForgotten();
        Assert.Equal(32, old.Key.Span.Length);
        keys.ZeroForgotten();
        Assert.Throws<ObjectDisposedException>(() => old.Key.Span.Length);
        Assert.Equal(32, newest.Key.Span.Length);
    }

    private static WrappingKey Key(uint version) =>
        new(SystemRandom.Instance.NextId(), Secret.Random(SystemRandom.Instance), version);
}
