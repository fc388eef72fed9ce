using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace AMA.Grains.Control.Audit;

/// <summary>The region's audit log, and its memory of request nonces. Key: the region.</summary>
[Alias("ama.control.internal.audit")]
internal interface IAuditGrain : IGrainWithStringKey
{
    /// <summary>
    /// Returns when the entry is durable in one of the stores, within 2 s. False: <paramref name="nonce"/> was granted
    /// before, and nothing was written. Throws <see cref="Interfaces.Control.ControlException"/> (Unavailable): the
    /// caller must not answer.
    /// </summary>
    /// <remarks>Interleaves, so that one write takes all entries that came during the one before. It only joins the
    /// line; a single loop writes.</remarks>
    [Alias("append"), AlwaysInterleave] Task<bool> Append(byte[] entry, byte[]? nonce);

    /// <summary>
    /// Whether an entry would be taken now: asked before a state changes that is worth nothing unrecorded. Reads memory
    /// only.
    /// </summary>
    [Alias("ready"), AlwaysInterleave] Task<bool> Ready();

    /// <summary>Whether a request with this nonce was granted lately. Reads memory only.</summary>
    [Alias("seen"), AlwaysInterleave] Task<bool> Seen(byte[] nonce);

    /// <summary>
    /// The newest mark of this name that is durable in the log, or null. Survives a restart. Reads memory only.
    /// </summary>
    [Alias("mark-of"), AlwaysInterleave] Task<StateMark?> MarkOf(string name);

    /// <summary>How many batches are durable.</summary>
    [Alias("batches"), AlwaysInterleave] Task<ulong> Batches();

    /// <summary>One batch as it is stored, sealed.</summary>
    [Alias("batch"), AlwaysInterleave] Task<byte[]> Batch(ulong number);

    /// <summary>A signed checkpoint that covers the whole log, and each entry's path to its root.</summary>
    [Alias("prove"), AlwaysInterleave] Task<AuditProofs> Prove(long[] entries);
}

/// <param name="Checkpoint">The signed note.</param>
/// <param name="Paths">In the order asked for.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.audit-proofs")]
public sealed record AuditProofs(
    [property: Id(0)] string Checkpoint, [property: Id(1)] byte[][][] Paths);

internal static class AuditAppending
{
    public static Task<bool> Append(this IAuditGrain audit, AuditEntry entry, byte[]? nonce) =>
        audit.Append(entry.Encode(), nonce);
}

/// <remarks>All calls interleave: they join a line or read memory.</remarks>
[GrainType("ama.control.audit"), KeepAlive]
public sealed class AuditGrain(AuditOpening opening, Keys.KeyRing ring) : Grain, IAuditGrain
{
    private AuditLog? _log;

    private AuditLog Log => _log ?? throw new InvalidOperationException("the audit log is not open");

    public override async Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Only(ring, this.GetPrimaryKeyString());
        _log = await opening.OpenAsync();
        _log.Start();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancel)
    {
        if (_log is not null) await _log.DisposeAsync();
    }

    Task<bool> IAuditGrain.Append(byte[] entry, byte[]? nonce) => Log.AppendAsync(entry, nonce);

    Task<bool> IAuditGrain.Ready() => Task.FromResult(Log.IsReady);

    Task<bool> IAuditGrain.Seen(byte[] nonce) => Task.FromResult(Log.Seen(nonce));

    Task<StateMark?> IAuditGrain.MarkOf(string name) => Task.FromResult(Log.MarkOf(name));

    Task<ulong> IAuditGrain.Batches() => Task.FromResult(Log.Sinks.Durable);

    async Task<byte[]> IAuditGrain.Batch(ulong number) =>
        (await Log.Sinks.BatchAsync(number, AuditSink.QuietMax)).ToArray();

    async Task<AuditProofs> IAuditGrain.Prove(long[] entries)
    {
        var note = await Log.Checkpoints.NewestAsync();
        var tree = Log.Memory.Tree();
        var size = Archive.Log.Merkle.Checkpoint.TryParse(note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 1)],
            out var signed) ? signed.Size : 0;
        var paths = new List<byte[][]>();
        foreach (var entry in entries)
            paths.Add([.. await tree.ProveLeafAsync(entry, size, Log.Checkpoints.ReadTileAsync, default)]);
        return new(note, [.. paths]);
    }
}
