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
public sealed class DrillTests : IAsyncDisposable
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

    private RecoveryShare[] _shares = [];

    private RecoveryShare[] Shares(params int[] which) => [.. which.Select(i => _shares[i])];

    /// <summary>A tenant with a lease, of which a later leaf was erased, and another erased in the log only.</summary>
    private async Task BeginAsync(bool withShares = false)
    {
        _world = await ControlWorld.StartNewAsync();
        _world.Options = _world.Options with { RecoveryBackup = Backup };
        _silo = await TestSilo.JoinAsync(_world);
        _tenant = await _world.CreateTenantAsync();
        _before = await _silo.IngestAsync(_tenant.Id);
        await RollbackTests.PunctureAsync(_silo, _tenant, _before);
        await LogAsync(isFirst: true, (LeafType.Punctured, 3));
        if (withShares)
        {
            var desk = _world.Service<RecoveryDesk>();
            _shares = desk.Begin();
            await desk.ConfirmAsync([.. _shares.Select(share => share.Checksum)], default);
        }
        await _world.StopAsync();
    }

    /// <summary>Leaves in the archive's Backup, which Control's own backup doesn't know.</summary>
    private async Task LogAsync(bool isFirst, params (LeafType Type, uint Leaf)[] events)
    {
        if (isFirst) _logged = null;
        var entries = events.Select(each => new LogEntry(LeafOf(each.Type, each.Leaf), null, null, 0)).ToArray();
        var number = (_logged?.Number ?? 0) + 1;
        _logged = new LogBatch(
            number, _logged?.Hash ?? LogLeaf.NoHash, 1, _tenant.Id, _logged?.NextLeafIndex ?? 0, entries);
        using var store = new AMA.Adapters.Local.FileBlobStore(Backup, new AMA.Adapters.Local.DurableFiles());
        await store.PutIfAbsentAsync(LogNames.InBackup(_logged), _logged.Encode(), default);
    }

    private LogLeaf LeafOf(LeafType type, uint leaf) => new(
        type, Region.Eu, _before.Subtree.Epoch, _world.Clock.GetUtcNow(), new TenantId(_tenant.Id), default, leaf,
        _before.Subtree.Class, 0, 0, LogLeaf.NoHash, LogLeaf.NoHash, LogLeaf.NoHash);

    private string Backup => Path.Combine(_world.Root, "backup");

    private string Root(string name) => Path.Combine(_world.Root, "control", name);

    private void Lose(string name, bool keepRoot)
    {
        if (keepRoot) Directory.Delete(Path.Combine(Root(name), "state"), recursive: true);
        else Directory.Delete(Root(name), recursive: true);
    }

    private async Task RejoinAsync()
    {
        var name = _silo.Name;
        _silo.Dispose();
        _silo = await TestSilo.JoinAsync(_world, name);
    }

    private async Task CheckRestoredAsync(uint generation)
    {
        await _world.StartAsync();
        var former = _silo.Incarnation;
        await RejoinAsync();
        Assert.True(_silo.Incarnation > former && _silo.Incarnation > (long)generation << 40);
        await CheckAsync();
        await RefusedAsync(3);

        var next = await _silo.IngestAsync(_tenant.Id);
        Assert.Equal(generation * (1u << 28), next.Subtree.FirstLeaf);
        Assert.True(next.Grant.Fence > (ulong)generation << 48);
        var again = await _silo.IngestAsync(_tenant.Id);
        Assert.NotEqual(next.Subtree.FirstLeaf, again.Subtree.FirstLeaf);
    }

    /// <summary>What lived opens with the same key; what was erased doesn't.</summary>
    private async Task CheckAsync()
    {
        Assert.Equal(_tenant.Id, Assert.Single(await _world.Directory.Tenants(_world.OperatorToken)).Id);
        var read = await ReadAsync(5);
        using var leaf = _before.Leaf(5);
        Assert.Equal(leaf.Span.ToArray(), read.Keys.Single().Key.Span.ToArray());
        await RefusedAsync(9);
    }

    private Task RefusedAsync(uint leaf) => Refusal.IsAsync(ControlRefusal.NotFound, () => ReadAsync(leaf));

    private async Task<Lease> ReadAsync(uint leaf)
    {
        var token = await Auditors.TokenAsync(_world, ControlWorld.Tenant);
        return await _silo.GrantAsync(
            _silo.Request(LeasePurpose.Read, _tenant.Id, _silo.PartNow(leaf)) with { AccessToken = token });
    }
}
