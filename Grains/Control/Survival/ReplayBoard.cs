using System.Collections.Concurrent;

namespace AMA.Grains.Control.Survival;

/// <summary>Which tenants wait for their replay after a restore, and why. In memory: what counts stands in each tenant's
/// state.</summary>
public sealed class ReplayBoard
{
    private readonly ConcurrentDictionary<Guid, ReplayProgress> _waiting = new();
    private readonly TaskCompletionSource _firstRound = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyDictionary<Guid, ReplayProgress> Waiting => _waiting;

    /// <summary>Ends when every tenant has had its turn once since the start.</summary>
    public Task FirstRound => _firstRound.Task;

    internal void Set(Guid tenant, ReplayProgress progress) => _waiting[tenant] = progress;

    internal void Done(Guid tenant) => _waiting.TryRemove(tenant, out _);

    /// <summary>Every tenant had its turn, or nothing could be asked.</summary>
    public void EndRound() => _firstRound.TrySetResult();

    internal string TextOf(Guid tenant) => _waiting.GetValueOrDefault(tenant) is { } progress ? $" ({progress})" : "";
}

/// <param name="Below">Batches of the tenant's log before this one are replayed.</param>
/// <param name="Fault">Why it could not go on; it is tried again.</param>
public sealed record ReplayProgress(ulong Below, string? Fault)
{
    public override string ToString() => Fault ?? $"replayed below batch {Below}";
}
