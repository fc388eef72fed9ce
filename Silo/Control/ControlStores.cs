using AMA.Adapters.Hosting;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Erasure;
using AMA.Grains.Control.Audit;
using AMA.Archive.Keys.Roots;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Survival;

namespace AMA.Silo.Control;

/// <summary>
/// Control's two stores, and both as one. From the disk upwards: files; every version of what matters into the off-site
/// backup; erasable blobs under the store's own erasure keys; the pair.
/// </summary>
internal sealed class ControlStores : IDisposable
{
    private const string StateDirectory = "state";
    private const string AuditDirectory = "audit";

    private readonly StoreLocks _locks;
    private readonly List<IBlobStore> _opened = [];
    private readonly ControlSiloOptions _options;
    private readonly OffsiteBackup _backup;
    private readonly ErasingStore _a;
    private readonly ErasingStore _b;
    private readonly TwinStore _plain;

    public ControlStores(ControlSiloOptions options, ControlSiloParts parts, ControlKeyRoots roots)
    {
        _options = options;
        _locks = StoreLocks.Take(options.DirectoryA, options.DirectoryB);
        try
        {
            var offsite = Open(parts, options.OffsiteBackup);
            _backup = new OffsiteBackup(offsite);
            Audit = new(
                Open(parts, Path.Combine(options.DirectoryA, AuditDirectory)),
                Open(parts, Path.Combine(options.DirectoryB, AuditDirectory)), offsite)
            {
                Copies = offsite,
                Patience = parts.Patience,
            };
            // What is the same in both is kept once; the pair's marks are no keys, nor is what passes by itself.
            _a = Make(
                "a", options.DirectoryA, 0, name => !IsIn("twin/", name) && !IsIn(StateSeal.PassingPrefix, name));
            _b = Make("b", options.DirectoryB, 1, ErasableStore.IsErasable);
            Pair = new(_a.Store, _b.Store, parts.Random, StateVersion.GenerationOf, IsAuthenticAsync);
            _plain = new(Plain(_a.Store), Plain(_b.Store), parts.Random, StateVersion.GenerationOf, IsAuthenticAsync);
            Marks = new(Pair, parts.Time);
            Both = new GenerationStore(Pair, WrapMarks.IsCounted, Marks.Note);
            Round = new(Both, [_a, _b], _backup, parts.Time);
        }
        catch
        {
            // Whoever tries again must not meet the locks of the try before.
            Close();
            throw;
        }

        ErasingStore Make(string name, string directory, int root, Func<string, bool> isKept)
        {
            var files = Open(parts, Path.Combine(directory, StateDirectory));
            var keys = new ErasureKeys(() => roots.All[root].Root, options.Region, parts.Random, parts.Time);
            var backedUp = new BackedUpStore(files, _backup, name, isKept);
            return new(name, new ErasableStore(backedUp, keys, options.Region, parts.Random));
        }
    }

    /// <summary>
    /// Erasable states come here opened, so their heads are under a seal; what passes by itself holds no keys. All else is
    /// off site before the second store gets it: there is the witness of which copy is genuine.
    /// </summary>
    private async ValueTask<bool> IsAuthenticAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        ErasableStore.IsErasable(name) || IsIn(StateSeal.PassingPrefix, name)
        || await _backup.IsNewestAsync(_a.Name, name, content, cancel);

    /// <summary>Told the name of whatever the off-site backup keeps and doesn't believe.</summary>
    public Action<string>? Doubtful { set => _backup.Doubtful = value; }

    /// <summary>Both stores as one, as their blobs lie there.</summary>
    public TwinStore Pair { get; }

    /// <summary>The same, for everybody else: without the heads of key wraps.</summary>
    public IBlobStore Both { get; }

    public WrapMarks Marks { get; }

    /// <summary>
    /// Brings both level. While a key root is silent its store's erasable states can't be opened: they are then read from
    /// the other store and not written, and everything else is brought level.
    /// </summary>
    public async Task<TwinReport> LevelAsync(bool isRootSilent, CancellationToken cancel)
    {
        Pair.ReadOnly = isRootSilent ? ErasableStore.IsErasable : null;
        return await (isRootSilent ? _plain : Pair).LevelAsync(cancel);
    }

    /// <summary>Beside the state, not in it: each audit store is written by itself, and may lag behind the other.
    /// </summary>
    public AuditStores Audit { get; }

    /// <param name="name">"a" or "b".</param>
    public ErasableStore Of(string name) => (name == _a.Name ? _a : _b).Store;

    public ErasureRound Round { get; }

    public string BackupDirectory => _options.OffsiteBackup;

    /// <summary>The backup lies where one of the stores lies, so that one mistake, or fire, takes both.</summary>
    public bool IsBackupNear => new[] { _options.DirectoryA, _options.DirectoryB }.Any(
        store => ParentOf(store) == ParentOf(_options.OffsiteBackup));

    /// <summary>
    /// Both stores were lost: a start would make a new Control beside a backup of the old one. Throws
    /// <see cref="KeyRootException"/>.
    /// </summary>
    public async Task RefuseIfLostAsync(CancellationToken cancel)
    {
        await foreach (var _ in Both.ListAsync("keys/", null, cancel)) return;
        if (!await _backup.IsEmptyAsync(_a.Name, cancel))
            throw new KeyRootException(KeyRootFault.Misconfigured,
                $"Control's stores are empty, but the off-site backup {BackupDirectory} holds keys of this region: run "
                + "ama control recovery restore. For a new Control set AMA:Control:OffsiteBackup to a new directory.");
    }

    public RestoreParts ForRestore(IReadOnlyList<StoreKeyRoot> roots, Region region, IRandom random) =>
        new(Pair, Both, [_a, _b], _backup, Audit, roots, region, random);

    /// <summary>Throws when the store cannot be asked.</summary>
    public Task CheckAAsync(CancellationToken cancel) => CheckAsync(_a.Store, cancel);

    /// <inheritdoc cref="CheckAAsync"/>
    public Task CheckBAsync(CancellationToken cancel) => CheckAsync(_b.Store, cancel);

    private static async Task CheckAsync(ErasableStore store, CancellationToken cancel)
    {
        await foreach (var _ in store.ListAsync("keys/", null, cancel)) break;
    }

    public void Dispose()
    {
        _a.Store.Keys.Dispose();
        _b.Store.Keys.Dispose();
        Close();
    }

    private void Close()
    {
        foreach (var store in _opened) (store as IDisposable)?.Dispose();
        _locks.Dispose();
    }

    private IBlobStore Open(ControlSiloParts parts, string directory)
    {
        var store = parts.OpenStore(directory);
        _opened.Add(store);
        return store;
    }

    private static PartialStore Plain(ErasableStore store) =>
        new(store.Unopened, name => !ErasableStore.IsErasable(name));

    private static bool IsIn(string room, string name) => name.StartsWith(room, StringComparison.Ordinal);

    private static string? ParentOf(string directory) =>
        Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));
}
