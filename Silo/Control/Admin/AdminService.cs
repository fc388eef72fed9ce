using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control.Admin;

/// <summary>
/// Opens the admin socket when the silo answers, and closes it first. Routes are made only then: what they need of
/// Control exists once its keys are open.
/// </summary>
internal sealed class AdminService(ControlSiloOptions options, ControlSiloParts parts, IServiceProvider services)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private AdminSocket? _socket;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(AdminService), ServiceLifecycleStage.Last, StartAsync, StopAsync);

    private async Task StartAsync(CancellationToken cancel) => _socket = await AdminSocket.StartAsync(
        options.AdminSocket, services.GetServices<IAdminRoutes>(), parts.Logging, cancel);

    private async Task StopAsync(CancellationToken cancel)
    {
        if (_socket is not null) await _socket.DisposeAsync();
    }
}
