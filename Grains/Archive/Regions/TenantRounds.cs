using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Regions;

/// <summary>
/// Goes over a region's tenants a few at a time: a region of a hundred thousand is neither woken nor asked in one go.
/// For one caller's turns.
/// </summary>
public sealed class TenantRounds(TimeProvider time)
{
    /// <summary>Archives that are woken at once.</summary>
    public const int WakingMax = 32;

    /// <summary>Archives that are asked for one status; of the others in a larger region the last answer counts.</summary>
    public const int AskedMax = 256;

    /// <summary>An archive that takes longer to wake goes on by itself, and the others have their turn.</summary>
    private static readonly TimeSpan WakeWaitMax = TimeSpan.FromSeconds(1);

    private readonly HashSet<TenantId> _awake = [];
    private readonly Dictionary<TenantId, Task<bool>> _waking = [];
    private readonly Dictionary<TenantId, TenantStatus> _told = [];
    private int _nextWoken;
    private int _nextAsked;

    /// <summary>Wakes the next few of those that were not woken yet. Those that fail have their turn again.</summary>
    /// <param name="wake">False, instead of a fault, when it failed.</param>
    public async Task WakeAsync(IReadOnlyList<TenantId> tenants, Func<TenantId, Task<bool>> wake)
    {
        Harvest();
        if (_awake.Count >= tenants.Count) return;
        for (var looked = 0; looked < tenants.Count && _waking.Count < WakingMax; looked++)
        {
            var tenant = tenants[_nextWoken++ % tenants.Count];
            if (!_awake.Contains(tenant) && !_waking.ContainsKey(tenant)) _waking[tenant] = wake(tenant);
        }
        if (tenants.Count > 0) _nextWoken %= tenants.Count;
        try
        {
            await Task.WhenAll(_waking.Values).WaitAsync(WakeWaitMax, time);
        }
        catch (TimeoutException)
        {
            // They are looked at in the next round.
        }
        Harvest();
    }

    public void Tell(TenantId tenant, TenantStatus status) => _told[tenant] = status;

    /// <summary>What each tenant's archive says, or said when it last could.</summary>
    /// <param name="ask">Null, instead of a fault, when it can't tell: its trouble is not the others'.</param>
    public async Task<IReadOnlyCollection<TenantStatus>> StatusesAsync(
        IReadOnlyList<TenantId> tenants, Func<TenantId, Task<TenantStatus?>> ask)
    {
        var asked = Enumerable.Range(0, Math.Min(AskedMax, tenants.Count))
            .Select(i => tenants[(_nextAsked + i) % tenants.Count]).ToArray();
        if (tenants.Count > 0) _nextAsked = (_nextAsked + asked.Length) % tenants.Count;
        var told = await Task.WhenAll(asked.Select(ask));
        foreach (var (tenant, status) in asked.Zip(told))
            if (status is not null) Tell(tenant, status);
        return _told.Values;
    }

    private void Harvest()
    {
        foreach (var (tenant, waking) in _waking.Where(pair => pair.Value.IsCompleted).ToArray())
        {
            _waking.Remove(tenant);
            if (waking.IsCompletedSuccessfully && waking.Result) _awake.Add(tenant);
        }
    }
}
