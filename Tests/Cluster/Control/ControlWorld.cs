using System.Net;
using System.Diagnostics.CodeAnalysis;
using AMA.Adapters.Hosting;
using AMA.Adapters.Local;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Recovery;
using AMA.Grains.Control.Identity;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control;
using AMA.Silo.Control.Recovery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace AMA.Tests.Cluster.Control;

/// <summary>
/// A control cluster of one silo on a directory of its own, with a fake clock. It may be stopped and started again on
/// what it left behind.
/// </summary>
internal sealed class ControlWorld : IAsyncDisposable
{
    public const string Tenant = "quiet-harbour";
    public const string Journal = "journal@quiet-harbour.example";

    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(1);

    private InProcessTestCluster? _cluster;

    private ControlWorld() => Options = ControlSiloOptions.In(Root, Region.Eu) with
    {
        SecondFactorMayBeOff = true,
        EnrolmentEndpoint = new(IPAddress.Loopback, ClusterPorts.PickFree()),
    };

    public string Root { get; } = Path.Combine(Path.GetTempPath(), $"ama-control-{Path.GetRandomFileName()}");

    public ControlSiloOptions Options { get; set; }

    public FakeTimeProvider Clock { get; private init; } = NewClock();

    public FaultyStore StoreA { get; private set; } = null!;

    public FaultyStore StoreB { get; private set; } = null!;

    public FaultyStore AuditA { get; private set; } = null!;

    public FaultyStore AuditB { get; private set; } = null!;

    public FaultyStore Offsite { get; private set; } = null!;

    public string OperatorToken => File.ReadAllText(Options.OperatorTokenFile).Trim();

    public IDirectoryGrain Directory => Grain<IDirectoryGrain>("eu");

    public IIdentityGrain Identity => Grain<IIdentityGrain>("eu");

    /// <summary>At the next start: after the keys are open, before any port is and any grain answers.</summary>
    public Action<IServiceProvider>? BeforeItListens { get; set; }

    /// <summary>
    /// Stands still: a jump of <see cref="Clock"/> would else find a write under way and call its store late. Tests of
    /// stores that hang or come back go by the clock.
    /// </summary>
    private FakeTimeProvider Patience { get; init; } = new();

    /// <summary>Audit stores that take longer than they may by <see cref="Clock"/> count as away.</summary>
    public static async Task<ControlWorld> StartImpatientAsync()
    {
        var clock = NewClock();
        var world = new ControlWorld { Clock = clock, Patience = clock };
        await world.StartAsync();
        return world;
    }

    /// <param name="with">Other options than the usual; given the world's own directory in them.</param>
    public static async Task<ControlWorld> StartNewAsync(Func<ControlSiloOptions, ControlSiloOptions>? with = null)
    {
        var world = new ControlWorld();
        if (with is not null) world.Options = with(world.Options);
        await world.StartAsync();
        return world;
    }

    public async Task StartAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) => silo.AddControl(Options, Parts)
            .Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => new Early(
                () => BeforeItListens?.Invoke(services))));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        await Service<ReplayBoard>().FirstRound;
    }

    /// <summary>On what is left, with no silo running.</summary>
    public Task<RestoreReport> RestoreAsync(IReadOnlyList<RecoveryShare> shares) =>
        RecoveryMode.RunAsync(Options, Parts, shares, CancellationToken.None);

    private ControlSiloParts Parts => new ControlSiloParts
    {
        Ports = new ClusterPorts("unused", 0, 0), Time = Clock, Patience = Patience, OpenStore = Open,
    };

    public async Task StopAsync()
    {
        if (_cluster is null) return;
        await WhileTimePassesAsync(_cluster.DisposeAsync().AsTask());
        _cluster = null;
    }

    /// <summary>
    /// A silo that stops waits for the calls that are under way, and they for limits by a clock that stands still.
    /// </summary>
    private async Task WhileTimePassesAsync(Task end)
    {
        while (!end.IsCompleted)
        {
            try
            {
                await end.WaitAsync(StopsWithin);
            }
            catch (TimeoutException)
            {
                Clock.Advance(StopsWithin);
                if (Patience != Clock) Patience.Advance(StopsWithin);
            }
        }
        await end;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>The silo dies without a word, and another starts on what it had made durable.</summary>
    public async Task KillAsync()
    {
        await _cluster!.KillSiloAsync(_cluster.Silos[0]);
        await RestartAsync();
    }

    /// <summary>
    /// Advances the clock, and waits for the hourly round that this may begin: what it puts on record must not be under
    /// way when the clock jumps again, or its two seconds are over.
    /// </summary>
    public async Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        await Service<SurvivalCare>().TendAsync(Region.Eu);
    }

    public IClusterClient Client => _cluster!.Client;

    public T Grain<T>(string key) where T : IGrainWithStringKey => _cluster!.Client.GetGrain<T>(key);

    public T Service<T>() where T : notnull => _cluster!.Silos[0].ServiceProvider.GetRequiredService<T>();

    public string Enrolment(PeerRole role, string name = "silo-1") => Service<EnrolmentTokens>().Mint(role, name);

    public Task<TenantView> CreateTenantAsync(string name = Tenant, string journal = Journal) =>
        Directory.CreateTenant(OperatorToken, new NewTenant(name, [journal]) { SecondFactor = "off" });

    private sealed class Early(Action act) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
            nameof(Early), ServiceLifecycleStage.RuntimeInitialize, _ =>
            {
                act();
                return Task.CompletedTask;
            });
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (System.IO.Directory.Exists(Root)) System.IO.Directory.Delete(Root, recursive: true);
    }

    private static FakeTimeProvider NewClock() => new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    [SuppressMessage("Reliability", "CA2000", Justification = "the silo disposes of its stores")]
    private FaultyStore Open(string directory)
    {
        var store = new FaultyStore(new FileBlobStore(directory, new DurableFiles()));
        var isAudit = Path.GetFileName(directory) == "audit";
        if (directory.StartsWith(Options.OffsiteBackup, StringComparison.Ordinal)) Offsite = store;
        else if (directory.StartsWith(Options.DirectoryA, StringComparison.Ordinal))
            _ = isAudit ? AuditA = store : StoreA = store;
        else _ = isAudit ? AuditB = store : StoreB = store;
        return store;
    }
}
