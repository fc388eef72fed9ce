using System.Globalization;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Keys.Recovery;
using AMA.Archive.Keys.Roots;
using AMA.Archive.Log;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Shredding;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>
/// What Control can lose, and how it comes back: docs/control.md, "Losing things". After each of them an erased message
/// stays erased and no leaf is granted twice.
/// </summary>
public sealed partial class DrillTests : IAsyncDisposable
{
    private ControlWorld _world = null!;
    private TestSilo _silo = null!;
    private TenantView _tenant = null!;
    private Lease _before = null!;
    private LogBatch? _logged;

    public async ValueTask DisposeAsync()
    {
        _silo.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Threat_37_BothStoresLost_ComeBackFromTheBackup_ThroughEitherRoot()
    {
        foreach (var left in new[] { "a", "b" })
        {
            await BeginAsync();
            Lose("a", left == "a");
            Lose("b", left == "b");
            await Assert.ThrowsAsync<KeyRootException>(_world.StartAsync); // no new Control beside the old one's backup

            var report = await _world.RestoreAsync([]);
            Assert.Equal((1u, false), (report.Generation, report.WithShares));
            Assert.Empty(report.Lost);
            await CheckRestoredAsync(1);
            await DisposeAsync();
        }
        await BeginAsync();
    }

    /// <summary>
    /// Nothing of either store is left, nor of the audit log: only the keys, which were in another place. The log goes on
    /// from what is off site, and says so. Twice, for what the first restore brought back is lost as well.
    /// </summary>
    [Fact]
    public async Task Threat_37_BothStoresLostAsWholes_TheAuditLogGoesOn()
    {
        await BeginAsync();
        for (var time = 1u; time <= 2; time++)
        {
            await _world.StopAsync();
            var signed = Directory.GetFiles(_world.Options.OffsiteBackup, "*.note", SearchOption.AllDirectories);
            Assert.True(signed.Length >= time, "no checkpoint of the lost log is off site");
            var keys = Copy("a").Concat(Copy("b")).ToList();
            Lose("a", keepRoot: false);
            Lose("b", keepRoot: false);
            foreach (var (file, content) in keys)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await File.WriteAllBytesAsync(file, content);
            }
            Assert.Equal(time, (await _world.RestoreAsync([])).Generation);
            await CheckRestoredAsync(time);
            var log = await AuditTrail.ReadAsync(_world);
            Assert.Contains(log, entry => entry.Act == AuditAct.TenantCreation);
            var restores = log.Where(entry => entry.Act == AuditAct.Restore).ToArray();
            Assert.Equal((int)time, restores.Length);
            // What had been signed lies before the entry: nothing is lost.
            var signedBefore = long.Parse(restores[^1].Detail!.Split(' ')[^2], CultureInfo.InvariantCulture);
            Assert.InRange(signedBefore, 1, Array.IndexOf([.. log], restores[^1]));
        }
    }

    /// <summary>Killed when the token's file was made, but not yet the document with its hash.</summary>
    [Fact]
    public async Task RestoreBegunAgain_TakesTheOperatorTokenThatIsThere()
    {
        await BeginAsync();
        Lose("a", keepRoot: true);
        Lose("b", keepRoot: true);
        await File.WriteAllTextAsync(_world.Options.OperatorTokenFile, "made-by-the-run-that-was-killed\n");
        await _world.RestoreAsync([]);
        await CheckRestoredAsync(1); // asks with the token of the file
    }

    /// <summary>Twice in a row: what the first restore gave out is not given out by the second.</summary>
    [Fact]
    public async Task Threat_37_SecondRestore_GoesOnAboveTheFirst()
    {
        await BeginAsync();
        for (var time = 1u; time <= 2; time++)
        {
            await _world.StopAsync();
            Lose("a", keepRoot: true);
            Lose("b", keepRoot: true);
            await _world.RestoreAsync([]);
            await CheckRestoredAsync(time);
        }
    }

    [Fact]
    public async Task Threat_37_OneRootLost_IsMadeAnew_AndNothingIsMissing()
    {
        await BeginAsync();
        Directory.Delete(Path.Combine(Root("a"), "keys"), recursive: true);
        File.Delete(Path.Combine(Root("a"), SoftwareKeyRoot.PlainFileName));
        await _world.StartAsync();
        await CheckAsync();
        var next = await _silo.IngestAsync(_tenant.Id);
        Assert.True(next.Subtree.FirstLeaf > _before.Subtree.FirstLeaf);
    }

    [Fact]
    public async Task Threat_37_RootKeyGone_ComesBackWithThreeShares_AndNotWithTwo()
    {
        await BeginAsync(withShares: true);
        Lose("a", keepRoot: false);
        foreach (var key in Directory.GetFiles(Path.Combine(Root("b"), "keys"), "rkek-*")) File.Delete(key);
        Directory.Delete(Path.Combine(Root("b"), "state"), recursive: true);

        await Assert.ThrowsAsync<KeyRootException>(() => _world.RestoreAsync([]));
        await Assert.ThrowsAsync<KeyRootException>(() => _world.RestoreAsync(Shares(0, 4)));
        var report = await _world.RestoreAsync(Shares(0, 2, 4));
        Assert.True(report.WithShares);
        Assert.Empty(report.Lost);
        await CheckRestoredAsync(1);
    }

    [Fact]
    public async Task RootKeyGone_StoresThere_SharesPutItRight()
    {
        await BeginAsync(withShares: true);
        foreach (var root in new[] { "a", "b" })
            foreach (var key in Directory.GetFiles(Path.Combine(Root(root), "keys"), "rkek-*")) File.Delete(key);
        await Assert.ThrowsAsync<KeyRootException>(_world.StartAsync);
        var report = await _world.RestoreAsync(Shares(1, 2, 3));
        Assert.Equal((0u, true), (report.Generation, report.WithShares));
        await _world.StartAsync();
        await CheckAsync();
        await _silo.IngestAsync(_tenant.Id);
    }

    /// <summary>Documented loss: shares bring back Control, but erasable keys died with the roots.</summary>
    [Fact]
    public async Task BothRootsLost_ErasableKeysAreGone_AndTheReportSaysSo()
    {
        await BeginAsync(withShares: true);
        Lose("a", keepRoot: false);
        Lose("b", keepRoot: false);
        var report = await _world.RestoreAsync(Shares(0, 1, 2));
        Assert.NotEmpty(report.Lost);
        await _world.StartAsync();
        Assert.Single(await _world.Directory.Tenants(_world.OperatorToken));
        await RejoinAsync();
        await Refusal.IsAsync(ControlRefusal.NotFound, () => _silo.IngestAsync(_tenant.Id));
    }

    /// <summary>One hold is in Control's backup, the other only in the archive's log; both parts have ended.</summary>
    [Fact]
    public async Task Threat_37_EndedPart_IsEndedAgain_ButWhatIsHeldIsStillReadable()
    {
        await BeginAsync();
        await _world.StartAsync();
        await _world.Service<IGrainFactory>().GetGrain<IShreddingGrain>($"eu/{_tenant.Id:N}").Order(new(
            new Guid(1, 0, 0, new byte[8]), ShredAct.Hold, new(1, _before.Subtree.Epoch, 0, [5]), 9,
            [.. Enumerable.Repeat((byte)7, 32)], "board"));
        await _world.StopAsync();
        await LogAsync(
            isFirst: false, (LeafType.Hold, 4), (LeafType.Hold, 6), (LeafType.Punctured, 5), (LeafType.HoldOff, 4),
            (LeafType.EpochDestroyed, 0));
        Lose("a", keepRoot: true);
        Lose("b", keepRoot: true);
        await _world.RestoreAsync([]);

        await _world.StartAsync();
        await RejoinAsync();
        await ReadAsync(5);
        await ReadAsync(6);
        await RefusedAsync(2);
        await RefusedAsync(4);
        Assert.Contains("ended", await Refusal.IsAsync(
            ControlRefusal.NotAuthorised,
            () => _silo.GrantAsync(_silo.Request(LeasePurpose.Ingest, _tenant.Id, _silo.PartNow()))));
    }

    [Fact]
    public async Task RestoredControl_LeasesNothing_BeforeErasuresAreReplayed()
    {
        await BeginAsync();
        _world.Options = _world.Options with { RecoveryBackup = null };
        Lose("a", keepRoot: true);
        Lose("b", keepRoot: true);
        await _world.RestoreAsync([]);
        await _world.StartAsync();
        await RejoinAsync();
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => _silo.IngestAsync(_tenant.Id));
    }

    /// <summary>A Backup that isn't mounted, or another's, says nothing of what was erased.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Threat_37_EmptyOrCutBackup_IsNoBackupInWhichNothingWasErased(bool isCut)
    {
        await BeginAsync();
        var log = Path.Combine(Backup, "log");
        var away = Path.Combine(_world.Root, "away");
        Directory.Move(log, away);
        if (isCut) await LogAsync(isFirst: true, (LeafType.Takeover, 0));
        Lose("a", keepRoot: true);
        Lose("b", keepRoot: true);
        await _world.RestoreAsync([]);
        await _world.StartAsync();
        await RejoinAsync();
        var refusal = await Refusal.IsAsync(ControlRefusal.Unavailable, () => _silo.IngestAsync(_tenant.Id));
        Assert.Contains("BackupDirectory", refusal);

        if (isCut) Directory.Delete(log, recursive: true);
        Directory.Move(away, log);
        await _world.RestartAsync();
        await RejoinAsync();
        await RefusedAsync(3);
        await _silo.IngestAsync(_tenant.Id);
    }

    [Fact]
    public async Task Drill_ProvesThreeShares_IsOnRecord_AndOverdueAfterAYear()
    {
        await BeginAsync(withShares: true);
        await _world.StartAsync();
        var desk = _world.Service<RecoveryDesk>();
        Assert.False(desk.IsOverdue);
        await Refusal.IsAsync(ControlRefusal.Invalid, () => desk.DrillAsync(Shares(0, 1), default));
        await desk.DrillAsync(Shares(4, 2, 0), default);
        Assert.Equal(_world.Clock.GetUtcNow(), desk.LastDrillAt);
        _world.Clock.Advance(TimeSpan.FromDays(366));
        Assert.True(desk.IsOverdue);
    }

    [Fact]
    public async Task NewShares_CountOnlyWhenEachChecksumCameBack()
    {
        await BeginAsync(withShares: true);
        await _world.StartAsync();
        var desk = _world.Service<RecoveryDesk>();
        var others = desk.Begin();
        await Refusal.IsAsync(ControlRefusal.Invalid, () => desk.ConfirmAsync(["wrong"], default));
        await desk.DrillAsync(Shares(0, 1, 2), default); // the old ones still count
        await desk.ConfirmAsync([.. others.Select(share => share.Checksum)], default);
        await Refusal.IsAsync(ControlRefusal.Invalid, () => desk.DrillAsync(Shares(0, 1, 2), default));
        await desk.DrillAsync(others[..3], default);
    }
}
