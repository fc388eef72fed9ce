using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Keys.Recovery;
using AMA.Archive.Keys.Roots;
using AMA.Archive.Log;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

public sealed partial class DrillTests
{
    private RecoveryShare[] _shares = [];

    private RecoveryShare[] Shares(params int[] which) => [.. which.Select(i => _shares[i])];

    /// <summary>A tenant with a lease, of which a later leaf was erased, and another erased in the log only.</summary>
    private async Task BeginAsync(
        bool withShares = false, Func<ControlSiloOptions, ControlSiloOptions>? with = null)
    {
        _world = await ControlWorld.StartNewAsync(with);
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

    /// <summary>A store's key root, file by file.</summary>
    private Dictionary<string, byte[]> Copy(string name) => Directory
        .GetFiles(Path.Combine(Root(name), "keys"), "*", SearchOption.AllDirectories)
        .Append(Path.Combine(Root(name), SoftwareKeyRoot.PlainFileName))
        .ToDictionary(file => file, File.ReadAllBytes);
}
