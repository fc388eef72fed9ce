using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Archive.Metering;
using AMA.Grains.Archive.Regions;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive.Regions;

/// <summary>A source that is expected and says nothing is told, once; our own queue is not its silence.</summary>
public sealed class SilenceTests
{
    private const int Expected = 3_600;
    private static readonly Guid Tenant = new(1, 0, 0, new byte[8]);
    private static readonly Guid Source = new(2, 0, 0, new byte[8]);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly List<string> _log = [];
    private readonly SilenceRounds _rounds;
    private readonly AlarmBook _book;
    private readonly DateTimeOffset _start;
    private PublishedTenant[] _tenants;
    private SourceTally[]? _counted = [];
    private WaitingSource[] _waiting = [];
    private DateTimeOffset? _lookedAt;
    private double _behind;

    public SilenceTests()
    {
        _start = _clock.GetUtcNow();
        _rounds = new(
            () => Task.FromResult(new SpoolSources(_lookedAt, _behind, _waiting)), _ => Task.FromResult<SourceTally[]?>(_counted), _clock);
        _book = new(new ArchiveMeters(), new Lines(_log));
        _tenants = Expecting(Expected);
    }

    [Fact]
    public async Task SourceThatSaysNothing_IsSilent_WithOneLineAtTheBeginningAndOneAtTheEnd()
    {
        Seen(_start);
        await PassAsync(TimeSpan.FromSeconds(Expected));
        Assert.Empty(_book.Lasting);
        await PassAsync(TimeSpan.FromMinutes(1));
        await PassAsync(TimeSpan.FromMinutes(1));
        var alarm = Assert.Single(_book.Lasting);
        Assert.Equal(
            (AlarmKinds.SourceSilent, Tenant, Source, _start.AddSeconds(Expected)),
            (alarm.Kind, alarm.Tenant, alarm.Source, alarm.Since));
        Assert.StartsWith($"Warning Source {Source} of tenant {Tenant} is silent since", Assert.Single(_log));
        Seen(_clock.GetUtcNow());
        await PassAsync(TimeSpan.FromMinutes(1));
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(_book.Lasting);
        Assert.Equal(2, _log.Count);
        Assert.EndsWith("is silent no more", _log[1]);
    }

    [Fact]
    public async Task SourceThatNeverSaidAnything_IsSilent_AnIntervalAfterThatWasSet()
    {
        await PassAsync(TimeSpan.FromSeconds(Expected));
        Assert.Empty(_book.Lasting);
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Single(_book.Lasting);
    }

    [Fact]
    public async Task QueueThatIsBehind_IsNoSilence_ButAnAlarmOfItsOwn()
    {
        Seen(_start);
        await PassAsync(TimeSpan.FromMinutes(30));
        await PassAsync(TimeSpan.FromHours(5), look: false);
        var alarm = Assert.Single(_book.Lasting);
        Assert.Equal(AlarmKinds.SpoolBehind, alarm.Kind);
        // What had been lying there was the source's.
        _waiting = [new(Tenant, Source, 1, _clock.GetUtcNow().AddMinutes(-1))];
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(_book.Lasting);
        Assert.DoesNotContain(_log, line => line.Contains("is silent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task MailThatWaitsForItsArchive_IsNoSilence()
    {
        Seen(_start);
        _waiting = [new(Tenant, Source, 3, _start.AddMinutes(50))];
        await PassAsync(TimeSpan.FromMinutes(70));
        Assert.Empty(_book.Lasting);
        await PassAsync(TimeSpan.FromMinutes(50));
        Assert.Single(_book.Lasting);
    }

    [Fact]
    public async Task AfterARestart_NothingIsForgotten_AndNothingIsSaidBeforeTheQueueWasSeen()
    {
        Seen(_start);
        _clock.Advance(TimeSpan.FromHours(9));
        _lookedAt = null;
        await LookAsync();
        Assert.Empty(_book.Lasting);
        await PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(_start.AddSeconds(Expected), Assert.Single(_book.Lasting).Since);
    }

    [Fact]
    public async Task ArchiveThatCannotTell_LeavesTheAlarmAsItWas()
    {
        Seen(_start);
        await PassAsync(TimeSpan.FromHours(2));
        _counted = null;
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Single(_book.Lasting);
    }

    [Fact]
    public async Task SourceOfWhichNothingIsExpected_OrThatIsGone_IsNotSilent()
    {
        Seen(_start);
        await PassAsync(TimeSpan.FromHours(2));
        Assert.Single(_book.Lasting);
        _tenants = Expecting(null);
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(_book.Lasting);
        _tenants = Expecting(Expected);
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Single(_book.Lasting);
        _tenants = [];
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(_book.Lasting);
    }

    [Fact]
    public async Task Rounds_AreDueAfterTheirTime()
    {
        Assert.True(_rounds.Due);
        await LookAsync();
        Assert.False(_rounds.Due);
        _clock.Advance(SilenceRounds.Every);
        Assert.True(_rounds.Due);
    }

    private void Seen(DateTimeOffset at) => _counted = [new(Source, 1, 0, 10, at)];

    private async Task PassAsync(TimeSpan time, bool look = true)
    {
        _clock.Advance(time);
        if (look) _lookedAt = _clock.GetUtcNow();
        _behind = _lookedAt is { } at ? (_clock.GetUtcNow() - at).TotalSeconds : 0;
        await LookAsync();
    }

    private async Task LookAsync() => _book.Update(await _rounds.LookAsync(_tenants));

    private PublishedTenant[] Expecting(int? seconds) =>
    [
        new(Tenant, false, null, null, [], [],
        [
            new MailSource(Source, SourceKind.Network, "192.0.2.0/24", null, seconds, seconds is null ? null : _start),
            new MailSource(new Guid(3, 0, 0, new byte[8]), SourceKind.Network, "198.51.100.0/24", null),
        ]),
    ];

    private sealed class Lines(List<string> to) : ILogger<AlarmBook>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => true;

        public void Log<TState>(
            LogLevel level, EventId id, TState state, Exception? fault, Func<TState, Exception?, string> format) =>
            to.Add($"{level} {format(state, fault)}");
    }
}
