using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control;
using AMA.Silo.Control.Roots;
using Xunit;

namespace AMA.Tests.Cluster.Control;

public sealed partial class DrillTests
{
    /// <summary>
    /// One root refuses us at a start. The other one opens the region: reading goes on, nothing is written for it alone;
    /// when the root is back, so is everything.
    /// </summary>
    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public async Task OneRootSilentAtStart_ControlStartsWithTheOther_AndLevelsWhenItIsBack(string silent)
    {
        var passphrase = Path.GetTempFileName();
        await File.WriteAllTextAsync(passphrase, "a long and unlikely passphrase");
        var root = new KeyRootOptions() with { Software = new() { PassphraseFile = passphrase } };
        await BeginAsync(with: options => silent == "a" ? options with { KeyRootA = root } : options with { KeyRootB = root });
        await File.WriteAllTextAsync(passphrase, "another one altogether, and wrong");

        await _world.StartAsync();
        await CheckAsync();
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => _silo.IngestAsync(_tenant.Id));
        await CheckAsync();
        var status = await new RootStatus(_world.Service<ControlKeyRoots>()).ReadAsync(default);
        Assert.Equal($"key root {silent}", Assert.Single(status, line => !line.Good).Name);

        await File.WriteAllTextAsync(passphrase, "a long and unlikely passphrase");
        var pair = _world.Service<ControlStores>().Pair;
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (pair.ReadOnly is not null && !limit.IsCancellationRequested) await Task.Yield();
        await _silo.IngestAsync(_tenant.Id);
        await CheckAsync();
        await _world.RestartAsync();
        await CheckAsync();
        File.Delete(passphrase);
    }
}
