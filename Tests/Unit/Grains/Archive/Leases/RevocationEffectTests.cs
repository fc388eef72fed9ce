using AMA.Archive.Keys.Leases;
using AMA.Grains.Archive.Leases;
using Microsoft.Extensions.Logging;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive.Leases;

public sealed class RevocationEffectTests
{
    [Theory]
    [InlineData(RevocationKind.Session, 1, LogLevel.Debug)]
    [InlineData(RevocationKind.Tenant, 0, LogLevel.Debug)]
    [InlineData(RevocationKind.Tenant, 1, LogLevel.Warning)]
    public void SignOuts_AndWhatEndsNothing_AreNoWarnings(RevocationKind kind, int ended, LogLevel level) =>
        Assert.Equal(level, RevocationEffect.LevelOf(kind, ended));
}
