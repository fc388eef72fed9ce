using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AMA.Adapters.Hosting.Identity;
using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Gateway.Web;
using AMA.Gateway.Web.Clusters;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>The real web gateway before a real Control: who may decide what, and what everybody else is told.</summary>
public sealed class DecisionRoutesTests : IAsyncLifetime
{
    private const string Hash = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private const string Nobodys = "00000000000000000000000000000001";

    private static readonly AccessRole[] Keepers =
    [
        AccessRole.TenantAdmin, AccessRole.Auditor, AccessRole.SecurityOfficerTenant, AccessRole.SecurityOfficerProvider,
    ];

    private ControlWorld _world = null!;
    private WebApplication _gateway = null!;
    private HttpClient _http = null!;
    private TestSilo _silo = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        await _world.CreateTenantAsync();
        _silo = await TestSilo.JoinAsync(_world);
        _gateway = WebGatewayHost.Build(new() { Endpoint = new("http://127.0.0.1:0") }, new()
        {
            Identity = new(NoSource(), new PeerCredentials(Region.Eu, _world.Clock), _world.Clock),
            ConfigureProduction = _ => { },
            ConfigureControl = _ => { },
            Region = Region.Eu,
            Time = _world.Clock,
            Logging = _ => { },
        }, services => services.AddSingleton<IClusters>(new ControlAlone(_world)));
        await _gateway.StartAsync();
        _http = new() { BaseAddress = new(_gateway.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _gateway.DisposeAsync();
        _silo.Dispose();
        await _world.DisposeAsync();
    }

    /// <summary>docs/api.md's table, row by row: who is let in, by what.</summary>
    [Fact]
    public async Task EachRole_MayExactlyWhatTheTableSays()
    {
        (string Method, string Path, Func<object?> Body, AccessRole[] May)[] routes =
        [
            ("GET", "/v1/jobs", () => null, Keepers),
            ("POST", "/v1/jobs", NewJob, [AccessRole.TenantAdmin]),
            ("DELETE", $"/v1/jobs/{Nobodys}", () => null, [AccessRole.TenantAdmin]),
            ("GET", "/v1/exports", () => null, Keepers),
            ("POST", "/v1/exports", NewExport, [AccessRole.Auditor]),
            ("POST", $"/v1/exports/{Nobodys}/approval", () => null,
                [AccessRole.SecurityOfficerTenant, AccessRole.SecurityOfficerProvider]),
            ("GET", "/v1/erasures", () => null, Keepers),
            ("POST", "/v1/erasures", () => new { records = new[] { Nobodys } }, [AccessRole.Auditor]),
            ("POST", $"/v1/erasures/{Nobodys}/approval", () => null, [AccessRole.TenantAdmin]),
            ("GET", "/v1/lease-policy", () => null, [AccessRole.TenantAdmin, AccessRole.Auditor]),
            ("PUT", "/v1/lease-policy", () => new { ttlSeconds = 900 }, [AccessRole.TenantAdmin]),
            ("GET", "/v1/audit/leases", () => null, [AccessRole.Auditor]),
        ];
        foreach (var role in Enum.GetValues<AccessRole>())
        {
            var token = await People.TokenAsync(_world, role);
            foreach (var (method, path, body, may) in routes)
            {
                var (status, problem) = await AskAsync(method, path, body(), token);
                if (may.Contains(role))
                    Assert.True(status is 200 or 201 || (path.Contains(Nobodys) && status == 404),
                        $"{role} {method} {path}: {status} {problem}");
                else
                {
                    Assert.True(status == 403, $"{role} {method} {path}: {status} {problem}");
                    Assert.Equal("urn:ama:problem:not-allowed", (string?)problem["type"]);
                    if (role != AccessRole.Operator) Assert.Contains(may[0].Text(), (string?)problem["detail"]);
                }
            }
        }
        foreach (var (method, path, body, _) in routes)
        {
            Assert.Equal(401, (await AskAsync(method, path, body(), null)).Status);
            Assert.Equal(401, (await AskAsync(method, path, body(), "nonsense")).Status);
        }
    }

    [Fact]
    public async Task EndedSession_IsToldToSignIn_OnEachRoute()
    {
        var token = await People.TokenAsync(_world, AccessRole.TenantAdmin);
        _world.Clock.Advance(TimeSpan.FromHours(9));
        foreach (var path in new[] { "/v1/jobs", "/v1/exports", "/v1/lease-policy", "/v1/audit/leases" })
        {
            var (status, problem) = await AskAsync("GET", path, null, token);
            Assert.Equal((401, "urn:ama:problem:not-signed-in"), (status, (string?)problem["type"]));
        }
    }

    [Fact]
    public async Task Job_IsOpened_Shown_AndEnded_AndTheTenantSeesWhoDidIt()
    {
        var admin = await People.TokenAsync(_world, AccessRole.TenantAdmin);
        var (status, job) = await AskAsync("POST", "/v1/jobs", NewJob(), admin);
        Assert.Equal(201, status);
        Assert.Matches("^[0-9a-f]{32}$", (string?)job["id"]);
        Assert.Equal(("tenant-admin", true), ((string?)job["openedBy"], (bool)job["open"]!));
        var ended = await AskAsync("DELETE", $"/v1/jobs/{job["id"]}", null, admin);
        Assert.Equal((200, false), (ended.Status, (bool)ended.Body["open"]!));

        var auditor = await People.TokenAsync(_world, AccessRole.Auditor);
        var shown = (await AskAsync("GET", "/v1/jobs", null, auditor)).Body["items"]!.AsArray();
        Assert.Equal((string?)job["id"], (string?)Assert.Single(shown)!["id"]);
        var trail = (await AskAsync("GET", "/v1/audit/leases", null, auditor)).Body["items"]!.AsArray();
        Assert.Equal(2, trail.Count(item => (string?)item!["act"] == "job" && (bool)item["granted"]!));
    }

    [Fact]
    public async Task JobsWithoutBounds_AndTooMany_AreRefused_WithWhatFits()
    {
        var admin = await People.TokenAsync(_world, AccessRole.TenantAdmin);
        var epoch = _silo.PartNow().Epoch;
        var end = _world.Clock.GetUtcNow().AddHours(1);
        await WrongAsync(new { purpose = "defrag", firstEpoch = epoch, lastEpoch = epoch, recordsPerMinute = 1, endsAt = end }, "reindex");
        await WrongAsync(new { purpose = "reindex", firstEpoch = epoch, lastEpoch = epoch - 1, recordsPerMinute = 1, endsAt = end }, "older");
        await WrongAsync(new { purpose = "reindex", firstEpoch = epoch, lastEpoch = epoch, recordsPerMinute = 0, endsAt = end }, "1 to");
        await WrongAsync(new { purpose = "reindex", firstEpoch = epoch, lastEpoch = epoch, recordsPerMinute = 1, endsAt = end.AddDays(31) }, "30 days");
        await WrongAsync(new { purpose = "reindex" }, "This route takes");
        await WrongAsync(new { purposes = "reindex" }, "This route takes");
        for (var i = 0; i < AMA.Archive.Keys.Leases.MaintainJob.OpenMax; i++)
            Assert.Equal(201, (await AskAsync("POST", "/v1/jobs", NewJob(), admin)).Status);
        var (status, problem) = await AskAsync("POST", "/v1/jobs", NewJob(), admin);
        Assert.Equal((409, "urn:ama:problem:conflict"), (status, (string?)problem["type"]));
        Assert.Contains("end one first", (string?)problem["detail"]);
        foreach (var id in new[] { Nobodys, "x", "00000000-0000-0000-0000-000000000001" })
            Assert.Equal(404, (await AskAsync("DELETE", $"/v1/jobs/{id}", null, admin)).Status);

        async Task WrongAsync(object body, string told)
        {
            var (status, problem) = await AskAsync("POST", "/v1/jobs", body, admin);
            Assert.Equal(400, status);
            Assert.Contains(told, (string?)problem["detail"]);
        }
    }

    [Fact]
    public async Task Export_NeedsBothOfficers_AndWrongOnesAreTold()
    {
        var auditor = await People.TokenAsync(_world, AccessRole.Auditor);
        var (status, export) = await AskAsync("POST", "/v1/exports", NewExport(), auditor);
        Assert.Equal((201, 2, false), (status, (int)export["records"]!, (bool)export["approved"]!));
        var approval = $"/v1/exports/{export["id"]}/approval";
        var own = await People.TokenAsync(_world, AccessRole.SecurityOfficerTenant, "auditor");
        Assert.Equal(403, (await AskAsync("POST", approval, null, own)).Status); // who opened it
        var olga = await People.TokenAsync(_world, AccessRole.SecurityOfficerTenant, "olga");
        Assert.Equal(200, (await AskAsync("POST", approval, null, olga)).Status);
        var again = await AskAsync("POST", approval, null, olga);
        Assert.Equal(403, again.Status);
        Assert.Contains("other kind", (string?)again.Body["detail"]);
        var piet = await People.TokenAsync(_world, AccessRole.SecurityOfficerProvider, "piet");
        Assert.True((bool)(await AskAsync("POST", approval, null, piet)).Body["approved"]!);

        foreach (var (body, told) in new (object, string)[]
        {
            (new { parts = Array.Empty<object>(), legalBasisSha256 = Hash, endsAt = Soon }, "1 to"),
            (new { parts = Parts, legalBasisSha256 = "00", endsAt = Soon }, "64 hex digits"),
            (new { parts = Parts, legalBasisSha256 = Hash, endsAt = Soon.AddDays(31) }, "30 days"),
            (new { legalBasisSha256 = Hash, endsAt = Soon }, "This route takes"),
        })
        {
            var refused = await AskAsync("POST", "/v1/exports", body, auditor);
            Assert.Equal(400, refused.Status);
            Assert.Contains(told, (string?)refused.Body["detail"]);
        }
    }

    [Fact]
    public async Task Erasure_NeedsTwoPersons_AndRecordsThatCanBe()
    {
        var auditor = await People.TokenAsync(_world, AccessRole.Auditor);
        var (status, order) = await AskAsync("POST", "/v1/erasures", new { records = new[] { Nobodys } }, auditor);
        Assert.Equal((201, null), (status, order["approvedBy"]));
        var approval = $"/v1/erasures/{order["id"]}/approval";
        var own = await People.TokenAsync(_world, AccessRole.TenantAdmin, "auditor");
        Assert.Equal(403, (await AskAsync("POST", approval, null, own)).Status); // who opened it
        var admin = await People.TokenAsync(_world, AccessRole.TenantAdmin);
        Assert.Equal((200, "tenant-admin"), Approved(await AskAsync("POST", approval, null, admin)));
        foreach (var wrong in new[] { Array.Empty<string>(), ["x"] })
            Assert.Equal(400, (await AskAsync("POST", "/v1/erasures", new { records = wrong }, auditor)).Status);

        static (int, string?) Approved((int Status, JsonObject Body) answer) =>
            (answer.Status, (string?)answer.Body["approvedBy"]);
    }

    [Fact]
    public async Task LeasePolicy_IsSetWithinItsBounds_AndTakenBack()
    {
        var admin = await People.TokenAsync(_world, AccessRole.TenantAdmin);
        foreach (var wrong in new[] { 899, 28_801, -1 })
        {
            var (status, problem) = await AskAsync("PUT", "/v1/lease-policy", new { ttlSeconds = wrong }, admin);
            Assert.Equal(400, status);
            Assert.Contains("900 to 28800", (string?)problem["detail"]);
        }
        Assert.Equal(900, (int?)(await AskAsync("PUT", "/v1/lease-policy", new { ttlSeconds = 900 }, admin)).Body["ttlSeconds"]);
        var (_, back) = await AskAsync("PUT", "/v1/lease-policy", new { ttlSeconds = (int?)null }, admin);
        Assert.Null(back["ttlSeconds"]);
        Assert.Equal(3600, (int)back["regionTtlSeconds"]!);
        Assert.Equal(400, (await AskAsync("PUT", "/v1/lease-policy", new { }, admin)).Status);
    }

    private DateTimeOffset Soon => _world.Clock.GetUtcNow().AddHours(1);

    private object Parts => new[] { new { epoch = _silo.PartNow().Epoch, generation = 0, leaves = new[] { 3, 5 } } };

    private object NewJob() => new
    {
        purpose = "reindex", firstEpoch = _silo.PartNow().Epoch, lastEpoch = _silo.PartNow().Epoch,
        recordsPerMinute = 10, endsAt = Soon,
    };

    private object NewExport() => new { parts = Parts, legalBasisSha256 = Hash, endsAt = Soon };

    private async Task<(int Status, JsonObject Body)> AskAsync(string method, string path, object? body, string? token)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (body is not null) request.Content = JsonContent.Create(body);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _http.SendAsync(request);
        Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject());
    }

    private PeerSource NoSource() => new()
    {
        Role = PeerRole.Web,
        Name = "web-1",
        Control = new EnrolmentClient(Region.Eu, new IPEndPoint(IPAddress.Loopback, 1), _world.Clock),
        Ticket = () => null,
    };
}

/// <summary>Control's cluster as the gateway sees it; nothing asks for the other one.</summary>
internal sealed class ControlAlone(ControlWorld world) : IClusters
{
    public bool ProductionReady => false;
    public bool ControlReady => true;
    public ISearchGrain Search(TenantId tenant) => throw new ClusterAwayException("production");
    public IDeliveriesGrain Deliveries(TenantId tenant) => throw new ClusterAwayException("production");
    public IRegionReceiptsGrain RegionReceipts() => throw new ClusterAwayException("production");
    public IRegionGrain Totals() => throw new ClusterAwayException("production");
    public IRelayGrain Relay() => throw new ClusterAwayException("production");
    public IDirectoryGrain Directory() => world.Directory;
    public ISignInGrain SignIn(TenantName tenant) => world.Grain<ISignInGrain>($"eu/{tenant}");
    public IOwnAccountGrain OwnAccount(TenantName tenant) => world.Grain<IOwnAccountGrain>($"eu/{tenant}");
    public IUsersGrain Users(TenantName tenant) => world.Grain<IUsersGrain>($"eu/{tenant}");
    public ISourcesGrain Sources(TenantName tenant) => world.Grain<ISourcesGrain>($"eu/{tenant}");
    public IAuditReaderGrain Audit() => world.Grain<IAuditReaderGrain>("eu");
    public IJobsGrain Jobs(TenantId tenant) => world.Grain<IJobsGrain>($"eu/{tenant.Value:N}");
    public IExportsGrain Exports(TenantId tenant) => world.Grain<IExportsGrain>($"eu/{tenant.Value:N}");
    public IErasureOrdersGrain Erasures(TenantId tenant) => world.Grain<IErasureOrdersGrain>($"eu/{tenant.Value:N}");
    public ILeasePolicyGrain LeasePolicy(TenantId tenant) => world.Grain<ILeasePolicyGrain>($"eu/{tenant.Value:N}");
}
