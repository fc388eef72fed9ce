using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;

namespace AMA.Adapters.Hosting;

/// <summary>
/// A client of another Orleans cluster inside a process that may itself be a silo. Orleans allows one client or silo
/// in a container, so this one has a host of its own. It connects in the background and goes on trying: clusters may
/// start in any order. Before <see cref="Ready"/> the client knows no grain, so callers await it first.
/// </summary>
public sealed partial class RemoteCluster : IHostedService, IAsyncDisposable
{
    /// <summary>Between two tries to connect.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private const int LoggedTriesInterval = 40;

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger _log;
    private readonly string _name;
    private readonly IHost _host;
    private Task _connecting = Task.CompletedTask;
    private int _tries;
    private int _disposed;

    public RemoteCluster(string name, ILoggerFactory logs, Action<IClientBuilder> configure)
    {
        _name = name;
        _log = logs.CreateLogger<RemoteCluster>();
        _host = Build(logs, configure);
        Client = _host.Services.GetRequiredService<IClusterClient>();
    }

    public IClusterClient Client { get; }

    /// <summary>Done when the first connection stands; cancelled when the host stops before. A client that has lost its
    /// connection later reconnects by itself: calls fail until then, this task stays done.</summary>
    public Task Ready => _ready.Task;

    public Task StartAsync(CancellationToken cancel)
    {
        _connecting = ConnectAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancel)
    {
        await _stopping.CancelAsync();
        await _connecting.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_ready.Task.IsCompletedSuccessfully) await _host.StopAsync(cancel);
    }

    /// <summary>May be called again: the container knows this object by two names.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stopping.CancelAsync();
        await _connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_host is IAsyncDisposable host) await host.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task ConnectAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // never delays the outer start
        try
        {
            await _host.StartAsync(_stopping.Token);
            _ready.TrySetResult();
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            _ready.TrySetCanceled(_stopping.Token);
        }
        catch (Exception fault)
        {
            LogFailed(_name, fault);
            _ready.TrySetException(fault);
        }
    }

    private IHost Build(ILoggerFactory logs, Action<IClientBuilder> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.UseOrleansClient(client =>
        {
            configure(client);
            client.UseConnectionRetryFilter(RetryAsync);
        });
        return builder.Build();
    }

    private async Task<bool> RetryAsync(Exception fault, CancellationToken cancel)
    {
        // An endless retry turns a wrong address or certificate into silence, so it is said now and then.
        if (_tries++ % LoggedTriesInterval == 0) LogNotThereYet(_name, fault.Message);
        await Task.Delay(RetryDelay, TimeProvider.System, cancel);
        return true;
    }
}

public static class RemoteClusterServices
{
    /// <summary>
    /// Adds a keyed <see cref="RemoteCluster"/> and a keyed <see cref="IClusterClient"/> of the cluster that
    /// <paramref name="configure"/> describes.
    /// </summary>
    public static IServiceCollection AddRemoteCluster(
        this IServiceCollection services, string key, Action<IClientBuilder> configure)
    {
        services.AddKeyedSingleton(key, (provider, _) =>
            new RemoteCluster(key, provider.GetRequiredService<ILoggerFactory>(), configure));
        services.AddKeyedSingleton(key, (provider, _) =>
            provider.GetRequiredKeyedService<RemoteCluster>(key).Client);
        return services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<RemoteCluster>(key));
    }
}
