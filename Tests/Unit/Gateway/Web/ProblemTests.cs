using System.Net;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Problems;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Orleans.Runtime;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Web;

public sealed class ProblemTests
{
    public static TheoryData<Exception, int, string, int?> Foreseen => new()
    {
        { new ControlException(ControlRefusal.NotAuthorised, "x"), 401, "not-signed-in", null },
        { new ControlException(ControlRefusal.NotFound, "x"), 404, "not-found", null },
        { new ControlException(ControlRefusal.Conflict, "x"), 409, "conflict", null },
        { new ControlException(ControlRefusal.Invalid, "x"), 400, "bad-request", null },
        { new ControlException(ControlRefusal.Unavailable, "x"), 503, "unavailable", 2 },
        {
            new ControlException(ControlRefusal.TooManyTries, "x") { RetryAfterSeconds = 17 },
            429, "too-many-requests", 17
        },
        { new ArchiveException(ArchiveRefusal.NotSignedIn, "x"), 401, "not-signed-in", null },
        { new ArchiveException(ArchiveRefusal.NotAllowed, "x"), 403, "not-allowed", null },
        { new ArchiveException(ArchiveRefusal.NotFound, "x"), 404, "not-found", null },
        { new ArchiveException(ArchiveRefusal.BadQuery, "x"), 400, "bad-request", null },
        { new ArchiveException(ArchiveRefusal.Locked, "x"), 423, "locked", 5 },
        { new ArchiveException(ArchiveRefusal.Unavailable, "x"), 503, "unavailable", 2 },
        { new TimeoutException("x"), 503, "unavailable", 2 },
        { new SiloUnavailableException("x"), 503, "unavailable", 2 },
        { new EnumerationAbortedException("x"), 503, "unavailable", 2 },
        { new ClusterAwayException("control"), 503, "unavailable", 2 },
    };

    [Theory]
    [MemberData(nameof(Foreseen))]
    public void ForeseenException_HasStatusKindAndRetry(Exception exception, int status, string kind, int? retry)
    {
        var problem = ProblemMapping.Of(exception)!;
        Assert.Equal((status, kind, retry), (problem.Status, problem.Kind, problem.RetryAfterSeconds));
    }

    [Fact]
    public void EveryRefusal_IsForeseen()
    {
        Assert.All(Enum.GetValues<ControlRefusal>(),
            refusal => Assert.NotNull(ProblemMapping.Of(new ControlException(refusal, "x"))));
        Assert.All(Enum.GetValues<ArchiveRefusal>(),
            refusal => Assert.NotNull(ProblemMapping.Of(new ArchiveException(refusal, "x"))));
    }

    [Fact]
    public void Unforeseen_IsOursAndToldToNobody() =>
        Assert.Null(ProblemMapping.Of(new InvalidOperationException("inner secret")));

    [Fact]
    public async Task Unforeseen_Answers500_WithoutInsides_AndLogsWithoutMessage()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Archive.Failure = new InvalidOperationException("canary-of-the-inside");
        var answer = await gateway.GetAsync("/v1/messages?q=canary-query", Tokens.Session(Guid.Empty));
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        var json = await GatewayUnderTest.JsonAsync(answer);
        Assert.Equal("urn:ama:problem:internal", (string)json["type"]!);
        Assert.DoesNotContain("canary", json.ToJsonString());
        Assert.DoesNotContain("   at ", json.ToJsonString());
        Assert.Contains("InvalidOperationException", gateway.Log.Text);
        Assert.DoesNotContain("canary", gateway.Log.Text);
    }

    [Theory]
    [InlineData("GET", "/nowhere", null, 404, "not-found")]
    [InlineData("GET", "/v1/tenants/acme/nothing", null, 404, "not-found")]
    [InlineData("PUT", "/v1/session", null, 405, "method-not-allowed")]
    [InlineData("POST", "/v1/session", "{\"tenant\":", 400, "bad-request")]
    [InlineData("POST", "/v1/session", "[]", 400, "bad-request")]
    [InlineData("POST", "/v1/session", "{\"tenant\":\"a\",\"user\":\"b\"}", 400, "bad-request")]
    [InlineData("POST", "/v1/session", "{\"tenant\":null,\"user\":\"b\",\"password\":\"c\"}", 400, "bad-request")]
    [InlineData("POST", "/v1/session", "{\"tenant\":\"\",\"user\":\"\",\"password\":\"\",\"x\":1}", 400, "bad-request")]
    [InlineData("POST", "/v1/session", "text", 415, "unsupported-media-type", "text/plain")]
    public async Task EveryError_IsAProblem(
        string method, string path, string? body, int status, string kind, string type = "application/json")
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var request = new HttpRequestMessage(new(method), path);
        if (body is not null) request.Content = new StringContent(body, null, type);
        var answer = await gateway.Http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var json = await GatewayUnderTest.JsonAsync(answer);
        Assert.Equal($"urn:ama:problem:{kind}", (string)json["type"]!);
        Assert.Equal(status, (int)json["status"]!);
        Assert.DoesNotContain("AMA.", json.ToJsonString()); // no type names
    }

    [Fact]
    public async Task UnfittingBody_IsToldWhatFits()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var answer = await gateway.SendAsync(HttpMethod.Post, "/v1/session", new { tenant = 1 });
        var detail = (string)(await GatewayUnderTest.JsonAsync(answer))["detail"]!;
        Assert.Contains("{tenant, user, password, code}", detail);
        Assert.Contains("$.tenant", detail);
    }

    [Fact]
    public async Task TooLargeBody_Answers413()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var answer = await gateway.SendAsync(HttpMethod.Post, "/v1/session",
            new { tenant = new string('x', 64 * 1024), user = "b", password = "c" });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }
}
