using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control.Admin;

namespace AMA.Silo.Control.Roots;

/// <summary>What a step of a migration leaves to do, for the operator.</summary>
/// <param name="FinalAt">When what was destroyed is gone for good.</param>
public sealed record MigrationResult(string Store, string From, string To, string Next, DateTimeOffset? FinalAt = null);

/// <summary>
/// Moves a store's key root to another kind of root while Control runs. Every step is durable before the next, and the
/// whole may be killed anywhere and run again: a start in between opens both roots (<see cref="MovingKeyRoot"/>). Two
/// runs for one store wait for each other.
/// </summary>
internal sealed class RootMigration(
    ControlSiloOptions options, ControlSiloParts parts, ControlStores stores, ControlKeyRoots roots) : IDisposable
{
    private const string ProbeContext = "ama/v1|probe";

    private readonly PrivateFiles _files = new(parts.Files);
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>
    /// Wraps everything by the new root that the old one wraps. Then the operator changes the setting, starts Control
    /// again and calls <see cref="FinishAsync"/>.
    /// </summary>
    /// <param name="step">Awaited after each durable step.</param>
    public async Task<MigrationResult> RunAsync(
        string store, KeyRootKind to, Func<AdminProgress, Task> step, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var moving = await BeginAsync(store, to, step, cancel);
            await new RootWraps(stores.Both, options.Region, parts.Random).PutAllRightAsync(roots.All, cancel);
            await step(new(1, null, "region root key wrapped"));
            await LeaveAsync(store, moving, step, cancel);
            return new(store, moving.From.Description, moving.To.Description,
                $"Set AMA:Control:KeyRoot to {TextOf(to)} for store {store}, start Control again, then finish with "
                + $"ama control root migrate --store {store} --to {TextOf(to)} --finish.");
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Destroys the old root's keys, once the new root is configured and nothing needs them.</summary>
    public async Task<MigrationResult> FinishAsync(
        string store, KeyRootKind to, Func<AdminProgress, Task> step, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var directory = DirectoryOf(store);
            var move = MoveRecord.Read(_files, directory);
            if (move?.To != to || RootOf(store) is not MovingKeyRoot moving)
                throw Conflict($"Store {store}'s key root doesn't move to {TextOf(to)}: there is nothing to finish.");
            if (OptionsOf(store).Kind != to)
                throw Conflict($"Set AMA:Control:KeyRoot to {TextOf(to)} for store {store} and start Control again first.");
            await CheckLeftAsync(store, moving, cancel);
            var final = await DestroyAsync(moving.From, step, cancel);
            RemoveMaster(move, directory);
            MoveRecord.Remove(_files, directory);
            roots.Replace(store, moving.To);
            await moving.From.DisposeAsync();
            return new(store, moving.From.Description, moving.To.Description, "Done: nothing is left to do.", final);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// A new version of the key that wraps the region's root key in this store's root; older ones are destroyed.
    /// </summary>
    public async Task<RootKey> RotateAsync(string store, Func<AdminProgress, Task> step, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var root = RootOf(store);
            var name = RootWraps.KeyNameOf(options.Region);
            var made = await root.RotateAsync(name, cancel);
            await step(new(1, null, $"{name} {made.Version} made"));
            var wraps = new RootWraps(stores.Both, options.Region, parts.Random);
            await wraps.PutAllRightAsync(roots.All, cancel);
            if (!await wraps.OpensAloneAsync(new(store, root), cancel))
                throw new KeyRootException(KeyRootFault.Unavailable, "The new key opens nothing yet; run this again.");
            await step(new(2, null, "region root key wrapped"));
            foreach (var old in await root.ListAsync(cancel))
            {
                if (old.Name != name || old.Id == made.Id || old.FinalAt is not null) continue;
                await root.DestroyAsync(old, cancel);
                await step(new(3, null, $"{name} {old.Version} destroyed"));
            }
            return made;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    public static string TextOf(KeyRootKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>From here on everything new goes to the new root, and a start opens both.</summary>
    private async Task<MovingKeyRoot> BeginAsync(
        string store, KeyRootKind to, Func<AdminProgress, Task> step, CancellationToken cancel)
    {
        var (directory, root) = (DirectoryOf(store), RootOf(store));
        if (MoveRecord.Read(_files, directory) is { } move)
        {
            if (move.To == to && root is MovingKeyRoot resumed) return resumed;
            throw Conflict($"Store {store}'s key root moves from {TextOf(move.From)} to {TextOf(move.To)} already: run "
                + $"that to its end, with --finish, first.");
        }
        var from = OptionsOf(store).Kind;
        if (from == to) throw Conflict($"Store {store}'s key root is {TextOf(to)} already.");
        var target = new KeyRootOpening(parts).Open(OptionsOf(store), to, directory);
        try
        {
            await ProbeAsync(target, cancel);
            await step(new(0, null, $"{target.Description} wraps and unwraps"));
            new MoveRecord(from, to).Write(_files, directory);
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
        var moving = new MovingKeyRoot(target, root);
        roots.Replace(store, moving);
        stores.Of(store).Keys.Renew();
        await step(new(0, null, "both key roots are open"));
        return moving;
    }

    /// <summary>A root that can't do its work must be found out before anything rests on it.</summary>
    private async Task ProbeAsync(IKeyRoot root, CancellationToken cancel)
    {
        var key = await root.EnsureAsync(RootWraps.KeyNameOf(options.Region), cancel);
        using var secret = Secret.Random(parts.Random);
        var blob = await root.WrapAsync(key, KeyType.Root, ProbeContext, secret, cancel);
        using var opened = await root.UnwrapAsync(KeyType.Root, ProbeContext, blob, cancel);
        if (opened.Span.SequenceEqual(secret.Span)) return;
        throw new KeyRootException(KeyRootFault.Misconfigured, $"{root.Description} gives back other bytes than it got.");
    }

    private async Task LeaveAsync(
        string store, MovingKeyRoot moving, Func<AdminProgress, Task> step, CancellationToken cancel)
    {
        var (erasable, old) = (stores.Of(store), await IdsOf(moving.From, cancel));
        var due = new List<string>();
        await foreach (var (name, rootKey) in erasable.RootKeysAsync(cancel))
            if (old.Contains(rootKey)) due.Add(name);
        for (var done = 0; done < due.Count; done++)
        {
            await erasable.LeaveAsync(due[done], old, cancel);
            await step(new(done + 1, due.Count, "states wrapped by the new root"));
        }
    }

    private async Task CheckLeftAsync(string store, MovingKeyRoot moving, CancellationToken cancel)
    {
        var wraps = new RootWraps(stores.Both, options.Region, parts.Random);
        if (!await wraps.OpensAloneAsync(new(store, moving.To), cancel))
            throw Conflict("The new root doesn't open the region's root key yet: run the migration again.");
        var old = await IdsOf(moving.From, cancel);
        await foreach (var (_, rootKey) in stores.Of(store).RootKeysAsync(cancel))
            if (old.Contains(rootKey)) throw Conflict("Some states need the old root still: run the migration again.");
    }

    private async Task<DateTimeOffset> DestroyAsync(
        IKeyRoot root, Func<AdminProgress, Task> step, CancellationToken cancel)
    {
        var keys = await root.ListAsync(cancel);
        var final = parts.Time.GetUtcNow();
        for (var done = 0; done < keys.Count; done++)
        {
            var at = keys[done].FinalAt ?? await root.DestroyAsync(keys[done], cancel);
            if (at > final) final = at;
            await step(new(done + 1, keys.Count, "old keys destroyed"));
        }
        return final;
    }

    /// <summary>A software root's master wrapped the oldest blobs itself: copies of them must die too.</summary>
    private void RemoveMaster(MoveRecord move, string directory)
    {
        if (move.From != KeyRootKind.Software) return;
        _files.Delete(Path.Combine(directory, SoftwareKeyRoot.PlainFileName));
        _files.Delete(Path.Combine(directory, SoftwareKeyRoot.HeadFileName));
    }

    private static async Task<HashSet<Guid>> IdsOf(IKeyRoot root, CancellationToken cancel) =>
        [.. (await root.ListAsync(cancel)).Select(key => key.Id)];

    private IKeyRoot RootOf(string store) => roots.All.Single(root => root.Name == store).Root;

    private string DirectoryOf(string store) => store == "a" ? options.DirectoryA : options.DirectoryB;

    private KeyRootOptions OptionsOf(string store) => store == "a" ? options.KeyRootA : options.KeyRootB;

    private static ControlException Conflict(string message) => new(ControlRefusal.Conflict, message);
}
