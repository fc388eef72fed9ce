using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace AMA.Tests.Cluster.Control;

public class AdminSocketTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task Status_NeedsTheOperatorToken_AndBothAreOnRecord()
    {
        await using var world = await ControlWorld.StartNewAsync();
        await world.CreateTenantAsync();
        using var right = Open(world.Options.AdminSocket, world.OperatorToken);
        using var wrong = Open(world.Options.AdminSocket, "wrong");
        using var nobody = Open(world.Options.AdminSocket, null);

        using var status = JsonDocument.Parse(await right.GetStringAsync("/v1/status"));
        Assert.True(status.RootElement.GetProperty("good").GetBoolean());
        Assert.Contains(status.RootElement.GetProperty("lines").EnumerateArray(),
            line => line.GetProperty("name").GetString() == "tenants"
                && line.GetProperty("value").GetString() == "1");
        foreach (var refused in new[] { wrong, nobody })
        {
            using var answer = await refused.GetAsync("/v1/status");
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }

        var seen = (await AuditTrail.ReadAsync(world)).Where(entry => entry.Act == AuditAct.ControlStatus);
        Assert.Equal([true, false, false], seen.Select(entry => entry.Granted));
    }

    [Fact]
    public async Task OperatorToken_Rotated_TheOldOneIsDeadAtOnce_AndTheNewOneLastsARestart()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var before = world.OperatorToken;
        var granted = (await world.Directory.OperatorGrant(before)).Token;
        var jobs = world.Grain<IJobsGrain>("eu/00000000000000000000000000000001");
        await Refusal.IsAsync(ControlRefusal.NotAllowed, () => jobs.List(granted));
        using (var old = AdminClient.Open(world))
        {
            var answer = await old.PostAsync("/v1/token/rotate", new { });
            Assert.Contains(world.Options.OperatorTokenFile, answer);
            Assert.NotEqual(before, world.OperatorToken);
            Assert.DoesNotContain(world.OperatorToken, answer);
            Assert.Contains("operator token", await old.PostAsync("/v1/token/rotate", new { }));
        }
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(world.Options.OperatorTokenFile));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => world.Directory.Tenants(before));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => jobs.List(granted)); // nor what was granted with it
        await world.RestartAsync();
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => world.Directory.Tenants(before));
        Assert.Empty(await world.Directory.Tenants(world.OperatorToken));
        var seen = (await AuditTrail.ReadAsync(world)).Where(entry => entry.Act == AuditAct.OperatorTokenRotation);
        Assert.Equal([true, false], seen.Select(entry => entry.Granted));
    }

    [Fact]
    public async Task Socket_IsForItsOwnerOnly_AndGoesWithTheSilo()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var path = world.Options.AdminSocket;

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        await world.StopAsync();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Socket_LeftByAKilledProcess_IsReplaced()
    {
        await using var folder = new Folder("x");
        await File.WriteAllTextAsync(folder.Socket, ""); // any file in the way keeps a socket from being bound

        await using var socket = await folder.StartAsync();
        using var client = Open(folder.Socket, null);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/v1/nothing")).StatusCode);
    }

    [Fact]
    public async Task Socket_OfAPathTooLong_IsReachedThroughItsLink()
    {
        await using var folder = new Folder(new string('x', 120));
        string target;
        await using (await folder.StartAsync())
        {
            target = new FileInfo(folder.Socket).LinkTarget!;
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(target));
            using var client = Open(target, null);
            Assert.Equal("fine", await client.GetStringAsync("/v1/fine"));
        }
        Assert.False(File.Exists(target));
        Assert.False(Directory.Exists(Path.GetDirectoryName(target)));
    }

    [Fact]
    public async Task LongOperation_ThatFailsOnItsWay_SaysSoInItsLastLine()
    {
        await using var folder = new Folder("x");
        await using var socket = await folder.StartAsync();
        using var client = Open(folder.Socket, null);

        var lines = (await client.GetStringAsync("/v1/long")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("""{"done":1,"total":2,"note":"first"}""", lines[0]);
        Assert.Contains("\"status\":500", lines[1]);
        Assert.Equal(2, lines.Length);
    }

    internal static HttpClient Open(string path, string? token)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { BaseAddress = new Uri("http://control") };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private sealed class Routes : IAdminRoutes
    {
        public void Map(IEndpointRouteBuilder routes)
        {
            routes.MapGet("/v1/fine", () => "fine");
            routes.MapGet("/v1/long", context => AdminStream.RunAsync<string>(context, async (step, _) =>
            {
                await step(new(1, 2, "first"));
                throw new InvalidDataException("of no concern to callers");
            }));
        }
    }

    private sealed class Folder(string name) : IAsyncDisposable
    {
        private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ama-admin-test-");

        public string Socket => Path.Combine(Make(), "admin.sock");

        public Task<AdminSocket> StartAsync() =>
            AdminSocket.StartAsync(Socket, [new Routes()], _ => { }, CancellationToken.None);

        public ValueTask DisposeAsync()
        {
            _root.Delete(recursive: true);
            return ValueTask.CompletedTask;
        }

        private string Make() => Directory.CreateDirectory(Path.Combine(_root.FullName, name)).FullName;
    }
}
