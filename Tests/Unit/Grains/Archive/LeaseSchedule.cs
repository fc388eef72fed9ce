using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive;

/// <summary>Monotonic and wall clock, each moved by hand.</summary>
internal sealed class TwoClocks : TimeProvider
{
    private long _ticks = 1;

    public DateTimeOffset Wall { get; set; } = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public TimeSpan Monotonic => TimeSpan.FromTicks(_ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => Wall;

    public void Advance(TimeSpan by) => (_ticks, Wall) = (_ticks + by.Ticks, Wall + by);
}

/// <summary>
/// One random life of a silo's leases: asked for, renewed late or never, answers lost or late, revoked in the middle
/// of a use, the process paused, the wall clock set. Beside them stands a record of every use, judged by an end that
/// is worked out here and not by the code under test.
/// </summary>
internal sealed class LeaseSchedule : IDisposable
{
    private static readonly RetentionPart Part = new(new TenantId(new Guid(1, 2, 3, new byte[8])), 1, 24_441);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ZeroedAfterMax = TimeSpan.FromSeconds(1);

    private readonly TwoClocks _clocks = new();
    private readonly Random _random;
    private readonly SeededRandom _bytes;
    private readonly LeaseHolder _holder;
    private readonly Dictionary<HeldLease, TimeSpan> _ends = [];
    private readonly List<(TimeSpan At, Action Arrive)> _onTheWay = [];
    private bool _paused;

    public LeaseSchedule(int seed)
    {
        _random = new(seed);
        _bytes = new(seed);
        _holder = new(_clocks);
    }

    /// <summary>Uses that were let through.</summary>
    public int Uses { get; private set; }

    /// <summary>Uses that were refused because their lease had ended.</summary>
    public int Refused { get; private set; }

    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            Step(_random.Next(9));
            Pass(TimeSpan.FromMilliseconds(_random.Next(_paused ? 9_000 : 1_500)));
        }
    }

    public void Dispose() => _holder.Dispose();

    private void Step(int what)
    {
        switch (what)
        {
            case 0: Ask(); break;
            case 1: Renew(); break;
            case 2 when _random.Next(4) == 0: Revoke(); break;
            case 3: _clocks.Wall += TimeSpan.FromHours(_random.Next(-48, 48)); break;
            case 4: _paused = _random.Next(3) == 0; break;
            default: Use(); break;
        }
    }

    private void Ask()
    {
        var (sent, ttl) = (_clocks.GetTimestamp(), _random.Next(10, 60));
        var lease = new HeldLease(_bytes.NextId(), LeasePurpose.Search, 0, _clocks) { Tenant = Part.Tenant };
        lease.Take([new(LeasedKeyKind.Ixk, 1, Part.Class, Part.Epoch, 0, 0, 0, Secret.Random(_bytes))]);
        var revoked = false;
        _revokedOnTheWay += () => revoked = true;
        Arrives(() =>
        {
            lease.Extend(sent, Grant(ttl));
            _ends[lease] = revoked ? TimeSpan.Zero : EndOf(sent, ttl);
            _holder.Put(lease);
        });
    }

    private Action? _revokedOnTheWay;

    private void Renew()
    {
        if (AnyLease() is not { } lease) return;
        var (sent, ttl) = (_clocks.GetTimestamp(), _random.Next(10, 60));
        if (_random.Next(3) == 0) return; // lost
        Arrives(() =>
        {
            var dead = _ends[lease] <= _clocks.Monotonic;
            Assert.Equal(!dead, lease.Extend(sent, Grant(ttl)));
            if (!dead) _ends[lease] = EndOf(sent, ttl);
        });
    }

    /// <summary>Pushed: from the moment it arrives nothing of the tenant is used, nor what was asked for before.</summary>
    private void Revoke() => Arrives(() =>
    {
        _revokedOnTheWay?.Invoke();
        _revokedOnTheWay = null;
        _holder.Revoke(Revocation.OfTenant(Part.Tenant.Value, held: false));
        foreach (var lease in _ends.Keys.ToArray()) _ends[lease] = Least(_ends[lease], _clocks.Monotonic);
    });

    /// <summary>A piece of work: takes the key, does something slow, and only then lets its result out.</summary>
    private void Use()
    {
        if (_holder.IndexKey(Part) is not { } key) return;
        var lease = _ends.Keys.Single(held => held.Keys.Contains(key));
        Record(lease, () => Assert.Equal(32, key.Key.Span.Length));
        Pass(TimeSpan.FromMilliseconds(_random.Next(12_000)));
        Record(lease, lease.Check);
    }

    private void Record(HeldLease lease, Action use)
    {
        var live = _clocks.Monotonic < _ends[lease];
        try
        {
            use();
            Uses++;
            Assert.True(live, $"used {_clocks.Monotonic - _ends[lease]} after its end");
        }
        catch (Exception e) when (e is LeaseEndedException or ObjectDisposedException)
        {
            Refused++;
            Assert.False(live, "refused although it lives");
        }
    }

    /// <summary>Time passes; a process that isn't paused sweeps meanwhile, and one that was does so when it wakes.</summary>
    private void Pass(TimeSpan time)
    {
        for (var end = _clocks.Monotonic + time; _clocks.Monotonic < end;)
        {
            _clocks.Advance(Least(SweepEvery, end - _clocks.Monotonic));
            if (!_paused) Sweep();
        }
        if (_paused) return;
        foreach (var (_, arrive) in _onTheWay.Where(answer => answer.At <= _clocks.Monotonic).ToArray()) arrive();
        _onTheWay.RemoveAll(answer => answer.At <= _clocks.Monotonic);
        _clocks.Advance(TimeSpan.FromTicks(1)); // what is asked for next is asked for after it
    }

    private void Sweep()
    {
        _holder.Sweep();
        foreach (var (lease, end) in _ends.Where(held => held.Value + ZeroedAfterMax <= _clocks.Monotonic))
            Assert.All(lease.Keys, key => Assert.True(key.Key.IsDisposed, $"{_clocks.Monotonic - end} after its end"));
    }

    private void Arrives(Action answer) =>
        _onTheWay.Add((_clocks.Monotonic + TimeSpan.FromMilliseconds(_random.Next(20_000)), answer));

    private HeldLease? AnyLease() => _ends.Count == 0 ? null : _ends.Keys.ElementAt(_random.Next(_ends.Count));

    /// <summary>T of crypto.md §8, written down a second time.</summary>
    private static TimeSpan EndOf(long sent, int ttl) =>
        TimeSpan.FromTicks(sent) + TimeSpan.FromSeconds(ttl - Math.Min(5, ttl / 10.0));

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static LeaseGrant Grant(int ttl) => new(
        default, Part.Tenant.Value, "silo", LeasePurpose.Search, 0, ttl, ttl / 3, 86_400, [], LeaseSuite.Hybrid, [], []);
}
