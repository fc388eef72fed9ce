using System.Net.Http.Json;
using System.Net.Sockets;
using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
using AMA.Grains.Control.Survival;
using AMA.Silo.Control;
using AMA.Silo.Control.Recovery;
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
            await first.StopAsync(limit.Token);
        }
        foreach (var name in new[] { "a", "b" })
            Directory.Delete(Path.Combine(_root, "control", name, "state"), recursive: true);

        var starting = RecoveryMode.StartSiloAsync(options, parts, limit.Token);
        using var http = Client(options.AdminSocket);
        var reason = await AskAsync(() => http.GetStringAsync("/v1/recovery", limit.Token), limit.Token);
        Assert.Contains("restore", reason);
        Assert.False(starting.IsCompleted);
        using var refused = await http.PostAsync("/v1/recovery/restore", new StringContent("no share"), limit.Token);
        Assert.False(refused.IsSuccessStatusCode);
        using var answer = await http.PostAsync("/v1/recovery/restore", new StringContent(""), limit.Token);
        var report = await answer.Content.ReadFromJsonAsync<RestoreReport>(limit.Token);
        Assert.Equal(1u, report!.Generation);

        using var silo = await starting;
        await silo.StopAsync(limit.Token);
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
