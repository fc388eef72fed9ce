using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;

namespace AMA.Grains.Control.Leases;

/// <summary>
/// A tenant's state and what renewals have changed in it since, as one: what is written is the smaller of the two that
/// says it.
/// </summary>
internal sealed class LeaseBook(
    MarkedState<LeaseState> state, DurableState<RenewalsState> renewals, IAuditGrain audit)
{
    private LeaseState? _value;

    /// <inheritdoc cref="MarkedState{T}.Value"/>
    public LeaseState Value => _value ??= renewals.Value.Over(state.Value);

    /// <inheritdoc cref="MarkedState{T}.Exists"/>
    public bool Exists => state.Exists;

    /// <inheritdoc cref="MarkedState{T}.CheckAsync"/>
    public Task CheckAsync() => state.CheckAsync();

    /// <inheritdoc cref="MarkedState{T}.CatchUpAsync"/>
    public Task CatchUpAsync(Func<LeaseState, Task<LeaseState?>> change) => state.CatchUpAsync(change);

    /// <inheritdoc cref="MarkedState{T}.WriteAsync"/>
    public async Task WriteAsync(LeaseState next)
    {
        if (state.Exists && RenewalsState.Between(state.Value, next) is { } renewed)
        {
            if (!await audit.Ready()) throw AuditLog.Unavailable();
            await renewals.WriteAsync(renewed);
        }
        else await state.WriteAsync(next);
        _value = next;
    }
}
