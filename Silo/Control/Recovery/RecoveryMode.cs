using AMA.Adapters.Local;
using AMA.Archive.Blobs;
using AMA.Archive.Keys.Recovery;
using AMA.Archive.Keys.Roots;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Silo.Control.Recovery;

/// <summary>
/// What is left of a control silo whose keys can't be opened: its admin socket, with the way back and nothing else. The
/// socket's directory is its only guard, for there is no key to check a token with.
/// </summary>
public sealed partial class RecoveryMode : IAdminRoutes, IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly ControlSiloOptions _options;
    private readonly ControlSiloParts _parts;
    private readonly Exception _fault;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly TaskCompletionSource<RestoreReport> _restored =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AdminSocket? _socket;

    private RecoveryMode(ControlSiloOptions options, ControlSiloParts parts, Exception fault) =>
        (_options, _parts, _fault) = (options, parts, fault);

    /// <summary>Ends when somebody restored Control: the silo can be started again.</summary>
    public Task<RestoreReport> Restored => _restored.Task;

    /// <summary>
    /// A started silo; while its keys or stores can't be opened, or its audit log isn't what it was, the process stays up for
    /// whoever puts that right. Other faults are thrown.
    /// </summary>
    public static async Task<IHost> StartSiloAsync(
        ControlSiloOptions options, ControlSiloParts parts, CancellationToken cancel)
    {
        while (true)
        {
            var silo = ControlSilo.Build(options, parts);
            try
            {
                await silo.StartAsync(cancel);
                return silo;
            }
            catch (Exception fault) when (Advice(fault) is not null)
            {
                silo.Dispose();
                await using var mode = await StartAsync(options, parts, fault, cancel);
                await mode.WaitAsync(cancel);
            }
            catch
            {
                silo.Dispose();
                throw;
            }
        }
    }

    /// <summary>Until somebody restored Control or, where a store was only away, until it is time to try again.</summary>
    private async Task WaitAsync(CancellationToken cancel)
    {
        if (_fault is not BlobStoreException { Transient: true })
        {
            await Restored.WaitAsync(cancel);
            return;
        }
        await Task.WhenAny(Restored, Task.Delay(RetryAfter, _parts.Time, cancel));
        cancel.ThrowIfCancellationRequested();
    }

    /// <param name="fault">Why the silo did not start.</param>
    public static async Task<RecoveryMode> StartAsync(
        ControlSiloOptions options, ControlSiloParts parts, Exception fault, CancellationToken cancel)
    {
        using var logging = LoggerFactory.Create(parts.Logging);
        LogWaiting(logging.CreateLogger<RecoveryMode>(), fault.Message, options.AdminSocket);
        var mode = new RecoveryMode(options, parts, fault);
        mode._socket = await AdminSocket.StartAsync(options.AdminSocket, [mode], parts.Logging, cancel);
        return mode;
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/recovery", context => context.Response.WriteAsJsonAsync(
            new { Reason = _fault.Message }, context.RequestAborted));
        routes.MapGet("/v1/status", context => context.Response.WriteAsJsonAsync(
            new { Good = false, Lines = Status() }, context.RequestAborted));
        routes.MapPost("/v1/recovery/restore", RestoreAsync);
        routes.Map("/{**other}", _ => throw new ControlException(
            ControlRefusal.Unavailable,
            $"Control waits in recovery mode and does nothing else: ama control status says why. {_fault.Message}"));
    }

    private StatusLine[] Status() =>
    [
        new("recovery mode", "Control has not started. " + _fault.Message, Good: false),
        new("what to do", Advice(_fault)!, Good: false),
    ];

    /// <summary>What an operator does about it; null for a fault that recovery mode doesn't help.</summary>
    private static string? Advice(Exception fault) => fault switch
    {
        KeyRootException { Fault: KeyRootFault.Misconfigured } =>
            "ama control recovery restore, with --with-shares when both key roots are lost; or put the settings right and "
            + "start Control again. docs/control.md, \"Losing things\"",
        KeyRootException { Fault: KeyRootFault.Denied } =>
            "put the key root's passphrase, PIN or credential right and start Control again; only if it is lost for good: "
            + "ama control recovery restore --with-shares on new key roots",
        AuditDamageException or AuditForkException =>
            "keep copies of both stores, put back the newest of them and start Control again; if there is none, move both "
            + "stores away but for their key roots, start Control and run ama control recovery restore",
        ControlException { Refusal: ControlRefusal.Unavailable } =>
            "keep copies of both stores, put back the newest of them and start Control again",
        BlobStoreException =>
            "mend the store that this names (its disk, mount or owner), or put back the one that belongs there. Control tries "
            + "again every minute while a store is only away; otherwise start it again",
        _ => null,
    };

    public async ValueTask DisposeAsync()
    {
        if (_socket is not null) await _socket.DisposeAsync();
        _turn.Dispose();
    }

    private async Task RestoreAsync(HttpContext context)
    {
        if (_fault is not KeyRootException)
            throw new ControlException(ControlRefusal.Conflict, $"A restore would not help, so nothing is restored: {Advice(_fault)}.");
        var shares = await RecoveryRoutes.ReadSharesAsync(context);
        await _turn.WaitAsync(context.RequestAborted);
        try
        {
            var report = await RunAsync(_options, _parts, shares, context.RequestAborted);
            await context.Response.WriteAsJsonAsync(report, context.RequestAborted);
            await context.Response.CompleteAsync();
            _restored.TrySetResult(report);
        }
        finally
        {
            foreach (var share in shares) share.Dispose();
            _turn.Release();
        }
    }

    /// <summary>The restore itself, on the stores and roots of the settings, with no silo running on them.</summary>
    public static async Task<RestoreReport> RunAsync(
        ControlSiloOptions options, ControlSiloParts parts, IReadOnlyList<RecoveryShare> shares,
        CancellationToken cancel)
    {
        await using var roots = new ControlKeyRoots();
        ControlKeys.OpenRoots(options, parts, roots);
        using var stores = new ControlStores(options, parts, roots);
        await stores.Pair.LevelAsync(cancel);
        var restore = new ControlRestore(stores.ForRestore(roots.All, options.Region, parts.Random));
        var token = new OperatorTokenFile(new PrivateFiles(parts.Files), parts.Random);
        return await restore.RunAsync(
            shares, () => token.Make(options.OperatorTokenFile), cancel);
    }

    [LoggerMessage(1, LogLevel.Critical,
        "Control does not start: {reason} It waits in recovery mode at {socket}: ama control status says what to do")]
    private static partial void LogWaiting(ILogger log, string reason, string socket);
}
