using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
using AMA.Grains.Control.Survival;
using AMA.Silo.Control;
using AMA.Silo.Control.Recovery;
using AMA.Silo.Control.Roots;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>A silo that can't open its keys waits for whoever brings them back, and starts then.</summary>
public sealed class RecoveryModeTests : IDisposable
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"ama-control-{Path.GetRandomFileName()}");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task LostStores_AreRestoredOverTheSocket_AndTheSiloStarts()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var options = ControlSiloOptions.In(_root, Region.Eu);
        var parts = ControlSiloParts.Local(ClusterPorts.PickFree("recovery-test"));
        using (var first = await RecoveryMode.StartSiloAsync(options, parts, limit.Token))
        {
            Assert.True(first.Services.GetRequiredService<RecoveryDesk>().IsOverdue); // none were made
            // A second process on the same stores, wherever its own data is.
            var second = ControlSiloOptions.In(Path.Combine(_root, "second"), Region.Eu) with { DirectoryB = options.DirectoryB };
            var busy = await Assert.ThrowsAsync<IOException>(() => RecoveryMode.StartSiloAsync(second, parts, limit.Token));
            Assert.Contains("one process", busy.Message);
            await first.StopAsync(limit.Token);
        }
        foreach (var name in new[] { "a", "b" })
            Directory.Delete(Path.Combine(_root, "control", name, "state"), recursive: true);

        var starting = RecoveryMode.StartSiloAsync(options, parts, limit.Token);
        using var http = Client(options.AdminSocket);
        var reason = await AskAsync(() => http.GetStringAsync("/v1/recovery", limit.Token), limit.Token);
        Assert.Contains("restore", reason);
        Assert.False(starting.IsCompleted);
        var status = await http.GetStringAsync("/v1/status", limit.Token);
        Assert.Contains("recovery mode", status);
        Assert.Contains("ama control recovery restore", status);
        using var other = await http.PostAsync("/v1/rotate/rkek", new StringContent(""), limit.Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, other.StatusCode);
        Assert.Contains("recovery mode", await other.Content.ReadAsStringAsync(limit.Token));
        using var refused = await http.PostAsync("/v1/recovery/restore", new StringContent("no share"), limit.Token);
        Assert.False(refused.IsSuccessStatusCode);
        using var answer = await http.PostAsync("/v1/recovery/restore", new StringContent(""), limit.Token);
        var report = await answer.Content.ReadFromJsonAsync<RestoreReport>(limit.Token);
        Assert.Equal(1u, report!.Generation);

        using var silo = await starting;
        using var running = await http.PostAsync("/v1/recovery/restore", new StringContent(""), limit.Token);
        Assert.Equal(HttpStatusCode.Conflict, running.StatusCode);
        Assert.Contains("Control runs", await running.Content.ReadAsStringAsync(limit.Token));
        await silo.StopAsync(limit.Token);
    }

    [Theory]
    [InlineData(true)] // what Control signed off site is in neither store
    [InlineData(false)] // the passphrase is wrong
    public async Task StartThatAPersonMustPutRight_KeepsTheProcessUp_AndSaysWhatToDo(bool isAudit)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var passphrase = Path.Combine(Directory.CreateDirectory(_root).FullName, "passphrase");
        await File.WriteAllTextAsync(passphrase, "a long and unlikely passphrase", limit.Token);
        var options = ControlSiloOptions.In(_root, Region.Eu);
        KeyRootOptions With(KeyRootOptions root) => root with { Software = root.Software with { PassphraseFile = passphrase } };
        options = options with { KeyRootA = With(options.KeyRootA), KeyRootB = With(options.KeyRootB) };
        var parts = ControlSiloParts.Local(ClusterPorts.PickFree("recovery-test"));
        using (var first = await RecoveryMode.StartSiloAsync(options, parts, limit.Token))
        {
            using var asking = Client(options.AdminSocket);
            using var refused = await asking.GetAsync("/v1/status", limit.Token); // which is on record
            await first.StopAsync(limit.Token);
        }
        if (isAudit)
            foreach (var name in new[] { "a", "b" })
                Directory.Delete(Path.Combine(_root, "control", name, "audit"), recursive: true);
        else
            await File.WriteAllTextAsync(passphrase, "another passphrase altogether", limit.Token);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
        var starting = RecoveryMode.StartSiloAsync(options, parts, stop.Token);
        using var http = Client(options.AdminSocket);
        var status = await AskAsync(() => http.GetStringAsync("/v1/status", limit.Token), limit.Token);
        Assert.Contains(isAudit ? "newest" : "passphrase", status);
        Assert.False(starting.IsCompleted);
        using var restore = await http.PostAsync("/v1/recovery/restore", new StringContent(""), limit.Token);
        Assert.Equal(HttpStatusCode.Conflict, restore.StatusCode);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
    }

    private static HttpClient Client(string socket) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancel) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    { BaseAddress = new("http://control") };

    /// <summary>The socket is there a moment after the start.</summary>
    private static async Task<string> AskAsync(Func<Task<string>> ask, CancellationToken limit)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (HttpRequestException) when (!limit.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }
}
