using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Silo.Control.Admin;

/// <summary>
/// HTTP on a Unix socket that only Control's own user can open: where an operator on the machine itself works on
/// Control. No port, so nothing on the network can reach it. Lives without a silo too, for recovery.
/// </summary>
public sealed class AdminSocket : IAsyncDisposable
{
    /// <summary>Operators send names, numbers and shares of keys; nothing longer.</summary>
    public const int BodyBytesMax = 1 << 20;

    /// <summary>A handful of operators and scripts.</summary>
    private const int ConnectionsMax = 64;

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private readonly AdminSocketPlace _place;

    private AdminSocket(WebApplication app, AdminSocketPlace place) => (_app, _place) = (app, place);

    /// <param name="path">
    /// Of the socket. Its directory is made, and closed to everybody but this process's user.
    /// </param>
    public static async Task<AdminSocket> StartAsync(
        string path, IEnumerable<IAdminRoutes> routes, Action<ILoggingBuilder> logging, CancellationToken cancel)
    {
        var place = AdminSocketPlace.Prepare(path);
        var app = Build(place, logging);
        foreach (var some in routes) some.Map(app);
        try
        {
            await app.StartAsync(cancel);
            place.Close();
            return new(app, place);
        }
        catch
        {
            await app.DisposeAsync();
            place.Remove();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(ShutdownTimeout);
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
        _place.Remove();
    }

    private static WebApplication Build(AdminSocketPlace place, Action<ILoggingBuilder> logging)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        logging(builder.Logging);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, place));
        var app = builder.Build();
        app.UseMiddleware<AdminProblems>();
        return app;
    }

    private static void Limit(KestrelServerOptions kestrel, AdminSocketPlace place)
    {
        kestrel.ListenUnixSocket(place.Listening);
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
        kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
    }
}
