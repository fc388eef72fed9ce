using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Recovery;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Survival;

/// <summary>
/// The region's recovery key: made, split and shown once; counted as there only when every share's checksum came back;
/// drilled every year. The private half is nowhere but on the shares.
/// </summary>
public sealed class RecoveryDesk(KeyRing ring, IBlobStore store, IRandom random, TimeProvider time)
{
    /// <summary>A drill that is older is overdue, and status says so.</summary>
    public static readonly TimeSpan DrillPeriod = TimeSpan.FromDays(365);

    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromHours(2);

    private readonly Lock _turn = new();
    private Pending? _pending;

    public DateTimeOffset? MadeAt => ring.Document.RecoveryMadeAt;

    public DateTimeOffset? LastDrillAt => ring.Document.LastDrillAt;

    /// <summary>A region whose shares nobody has tried for a year, or has none, should not feel safe.</summary>
    public bool IsOverdue => (LastDrillAt ?? MadeAt) is not { } last || time.GetUtcNow() - last > DrillPeriod;

    /// <summary>New shares, the caller's to show and dispose of. Nothing changes before <see cref="ConfirmAsync"/>.</summary>
    public RecoveryShare[] Begin()
    {
        var (key, publicKey) = KeyAgreement.NewPair(random);
        using (key)
        {
            var shares = RecoveryShare.Split(key, publicKey, random);
            var sealedRoot = RecoverySeal.Seal(ring.Root.Key, publicKey, ring.Region, random);
            var checksums = shares.Select(share => share.Checksum).ToArray();
            lock (_turn) _pending = new(publicKey, sealedRoot, checksums, time.GetUtcNow() + ConfirmWithin);
            return shares;
        }
    }

    /// <summary>
    /// Whoever wrote the shares down says each one's checksum: from now on they count, and older ones don't. Throws
    /// <see cref="ControlException"/> (Invalid).
    /// </summary>
    public async Task ConfirmAsync(IReadOnlyList<string> checksums, CancellationToken cancel)
    {
        var pending = Take(checksums);
        await PutAsync(NameOf(ring.Region), pending.SealedRoot, cancel);
        await ChangeAsync(document => document with
        {
            RecoveryKey = pending.PublicKey, RecoveryMadeAt = time.GetUtcNow(), LastDrillAt = null,
        }, cancel);
    }

    /// <summary>
    /// Proves that these shares open the newest root key; changes nothing but the date. Throws
    /// <see cref="ControlException"/> (Invalid) with what is wrong.
    /// </summary>
    public async Task DrillAsync(IReadOnlyList<RecoveryShare> shares, CancellationToken cancel)
    {
        if (ring.Document.RecoveryKey is not { } publicKey) throw Invalid("No recovery key was made yet.");
        if (!shares.All(share => share.IsOf(publicKey))) throw Invalid("A share belongs to an older recovery key.");
        var blob = await store.GetAsync(NameOf(ring.Region), cancel)
            ?? throw new ControlException(ControlRefusal.Unavailable, "The recovery blob is gone from the stores.");
        try
        {
            using var key = RecoveryShare.Combine(shares);
            using var root = RecoverySeal.Open(blob.Content.Span, key, ring.Region);
            if (!root.Span.SequenceEqual(ring.Root.Key.Span)) throw Invalid("The shares open an older root key.");
        }
        catch (SealException fault)
        {
            throw Invalid($"The shares open nothing: {fault.Message}.");
        }
        await ChangeAsync(document => document with { LastDrillAt = time.GetUtcNow() }, cancel);
    }

    /// <summary>Seals a new root key to the recovery key there is, before the root key is used.</summary>
    internal async Task SealAsync(Secret root, CancellationToken cancel)
    {
        if (ring.Document.RecoveryKey is { } publicKey)
            await PutAsync(NameOf(ring.Region), RecoverySeal.Seal(root, publicKey, ring.Region, random), cancel);
    }

    public static string NameOf(Region region) => $"recovery/{region.Text()}.amd1";

    private Pending Take(IReadOnlyList<string> checksums)
    {
        lock (_turn)
        {
            if (_pending is not { } pending || time.GetUtcNow() > pending.Until)
                throw Invalid("There are no new shares to confirm: create them first.");
            var alike = checksums.Select(Plain).SequenceEqual(pending.Checksums.Select(Plain));
            if (!alike) throw Invalid("A checksum differs from the share's: look at the paper again.");
            _pending = null;
            return pending;
        }
    }

    private async Task ChangeAsync(Func<RegionKeysDocument, RegionKeysDocument> change, CancellationToken cancel) =>
        ring.Document = await new RegionKeysStore(store, ring.Region, random).ChangeAsync(ring.State, change, cancel);

    private async Task PutAsync(string name, byte[] content, CancellationToken cancel)
    {
        var there = await store.GetAsync(name, cancel);
        if (!(await store.PutIfMatchAsync(name, content, there?.ETag, cancel)).Done)
            throw new ControlException(ControlRefusal.Conflict, "Somebody else changes the recovery key now; try again.");
    }

    private static string Plain(string checksum) => checksum.Replace("-", "").Trim().ToUpperInvariant();

    private static ControlException Invalid(string why) => new(ControlRefusal.Invalid, why);

    private sealed record Pending(byte[] PublicKey, byte[] SealedRoot, string[] Checksums, DateTimeOffset Until);
}
