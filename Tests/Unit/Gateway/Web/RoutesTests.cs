using System.Net;
using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Web;

public sealed class RoutesTests
{
    private const string OperatorToken = "the-operator-token";
    private static readonly Guid Tenant = new("11111111222233334444555555555555");
    private static readonly Guid Record = new("0123456789abcdef0123456789abcdef");

    [Fact]
    public async Task NewTenant_AnswersItsShapeAndTellsGatewaysFirst()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var answer = await gateway.SendAsync(HttpMethod.Post, "/v1/tenants",
            new { name = "Acme", journalAddresses = new[] { "journal@acme.test" } }, OperatorToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var source = """{"id":"00000000000000000000000000000005","kind":"auth","user":"acme.abcd","password":"told once","cidr":null,"sha256":null,"expectedSeconds":null,"counts":null}""";
        var journal = "\"journalAddresses\":[\"journal@acme.test\"],\"journalDomains\":[]";
        const string limits = "\"messageBytesMax\":null,\"messagesPerMinuteMax\":null";
        Assert.Equal(
            $$"""{"name":"acme","region":"eu",{{journal}},"suspended":false,{{limits}},"sources":[{{source}}]}""",
            await answer.Content.ReadAsStringAsync());
        Assert.Equal([OperatorToken], gateway.Clusters.Control.OperatorTokens);
        Assert.Equal([7], gateway.Clusters.Archive.Published);
    }

    [Fact]
    public async Task NewTenant_GatewaysNotTold_IsStillCreated()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Archive.PublishFailure = new TimeoutException("slow");
        var answer = await gateway.SendAsync(HttpMethod.Post, "/v1/tenants",
            new { name = "acme", journalAddresses = new[] { "journal@acme.test" } }, OperatorToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Contains("3011", gateway.Log.Text);
    }

    [Fact]
    public async Task NewUser_WithoutPassword_AnswersTheOneMade()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var answer = await gateway.SendAsync(HttpMethod.Post, "/v1/tenants/acme/users",
            new { user = "eve", role = "auditor" }, OperatorToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("""
            {"user":"eve","role":"auditor","addresses":[],"password":"made-once","disabled":false,
            "mustChangePassword":false,"secondFactor":false,"proposedRole":null,"proposedBy":null}
            """.ReplaceLineEndings(""), await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task SignIn_AnswersTokenAndExpiryInUtc()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var answer = await gateway.SendAsync(HttpMethod.Post, "/v1/session",
            new { tenant = "Acme", user = "eve", password = "pw" });
        Assert.Equal("""
            {"token":"session","expiresAt":"2026-12-01T10:00:00Z","renewal":"acme.7.renewal",
            "sessionEndsAt":"2026-12-01T18:00:00Z"}
            """.ReplaceLineEndings(""), await answer.Content.ReadAsStringAsync());
        Assert.Equal(["acme"], gateway.Clusters.Control.SignInTenants);
    }

    [Fact]
    public async Task Search_PassesParametersAndShapesItems()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var item = new MessageItem(Record, "a@b", "Größe \ud800 <x>", "Anna <a@b>", ["c@d"],
            new(2026, 11, 1, 2, 0, 0, TimeSpan.FromHours(2)), new(2026, 11, 1, 1, 0, 0, TimeSpan.Zero), 42, ["x.pdf"]);
        gateway.Clusters.Archive.Page = new([item], 9, "next-page");
        var answer = await gateway.GetAsync("/v1/messages?q=subject%3Ax&limit=1&cursor=abc", Tokens.Session(Tenant));
        Assert.Equal([("subject:x", 1, "abc")], gateway.Clusters.Archive.Searches);
        Assert.Equal([new TenantId(Tenant)], gateway.Clusters.Archive.AskedTenants);
        var json = await GatewayUnderTest.JsonAsync(answer);
        Assert.Equal("""
            {"items":[{"id":"0123456789abcdef0123456789abcdef","messageId":"a@b","subject":"Größe \uFFFD \u003Cx\u003E",
            "from":"Anna \u003Ca@b\u003E","to":["c@d"],"date":"2026-11-01T00:00:00Z",
            "receivedAt":"2026-11-01T01:00:00Z","size":42,"attachments":["x.pdf"]}],"total":9,"next":"next-page"}
            """.ReplaceLineEndings(""), await answer.Content.ReadAsStringAsync());
        Assert.Equal(9, (int)json["total"]!);
    }

    [Fact]
    public async Task Message_HasHeadersTextAttachmentsDeliveries()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var item = new MessageItem(Record, "", "", "", [], null, DateTimeOffset.UnixEpoch, 1, ["a.txt"]);
        gateway.Clusters.Archive.View = new(item, [new("Subject", "x")], "text", [new("a.txt", "text/plain", 3)],
            [new("receipt", DateTimeOffset.UnixEpoch, "s@t", ["r@t"], "192.0.2.1", "TLS 1.3")], ["unparsed"]);
        var json = await GatewayUnderTest.JsonAsync(
            await gateway.GetAsync($"/v1/messages/{Record:N}", Tokens.Session(Tenant)));
        Assert.Null(json["date"]);
        Assert.Equal("""{"name":"a.txt","contentType":"text/plain","size":3}""",
            json["attachments"]![0]!.ToJsonString());
        Assert.Equal("""{"name":"Subject","value":"x"}""", json["headers"]![0]!.ToJsonString());
        Assert.Equal("receipt", (string)json["deliveries"]![0]!["receipt"]!);
        Assert.Equal("unparsed", (string)json["flags"]![0]!);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(5, false)]
    public async Task Raw_StreamsPieces_WithLengthWhenOnePieceIsAll(int pieces, bool lengthKnown)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Archive.Pieces = [.. Enumerable.Range(1, pieces).Select(i => new byte[1000 * i])];
        var answer = await gateway.GetAsync($"/v1/messages/{Record:N}/raw", Tokens.Session(Tenant));
        Assert.Equal("message/rfc822", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(lengthKnown, answer.Headers.TransferEncodingChunked is not true);
        Assert.Equal(gateway.Clusters.Archive.Pieces.SelectMany(piece => piece),
            await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Raw_RefusedBeforeTheFirstByte_IsAProblem()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Archive.Failure = new ArchiveException(ArchiveRefusal.Locked, "No key lease now.");
        var answer = await gateway.GetAsync($"/v1/messages/{Record:N}/raw", Tokens.Session(Tenant));
        Assert.Equal(HttpStatusCode.Locked, answer.StatusCode);
        Assert.Equal("5", answer.Headers.GetValues("Retry-After").Single());
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Raw_BreakingOffHalfWay_IsNoWholeAnswer()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Archive.Pieces = [new byte[200_000], new byte[200_000], new byte[200_000]];
        gateway.Clusters.Archive.FailAfterPieces = 2;
        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => gateway.GetAsync($"/v1/messages/{Record:N}/raw", Tokens.Session(Tenant)));
        Assert.Contains("3002", gateway.Log.Text);
    }

    [Fact]
    public async Task Status_OfTheSessionsTenant()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Archive.Counters = new(9, 5, 1, 1, 4, 2, 1.5, "held", DateTimeOffset.UnixEpoch, 4.5);
        var answer = await gateway.GetAsync("/v1/status", Tokens.Session(Tenant));
        Assert.Equal("""
            {"accepted":9,"archived":5,"duplicates":1,"quarantined":1,"indexed":4,
            "spool":{"entries":2,"oldestSeconds":1.5,"freePercent":4.5,"allRead":true},"lease":{"state":"held","expiresAt":"1970-01-01T00:00:00Z"},
            "silentSources":0,"alarms":[]}
            """.ReplaceLineEndings(""), await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Status_WithOperatorToken_IsTheRegions_AndAsksControlOncePerGrant()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            var json = await GatewayUnderTest.JsonAsync(await gateway.GetAsync("/v1/status", OperatorToken));
            Assert.Equal("region", (string)json["lease"]!["state"]!);
        }
        Assert.Single(gateway.Clusters.Control.OperatorTokens);
        gateway.Time.Advance(TimeSpan.FromHours(1)); // the fake's grant ends at 10:00, one hour after the clock's start
        await gateway.GetAsync("/v1/status", OperatorToken);
        Assert.Equal(2, gateway.Clusters.Control.OperatorTokens.Count);
        Assert.All(gateway.Clusters.Archive.Tokens, token => Assert.Equal("granted", token));
    }

    [Fact]
    public async Task ControlAway_SignInAnswersTransient_SearchGoesOn()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.ControlReady = false;
        var signIn = await gateway.SendAsync(HttpMethod.Post, "/v1/session",
            new { tenant = "acme", user = "eve", password = "pw" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, signIn.StatusCode);
        Assert.True(signIn.Headers.Contains("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/v1/messages", Tokens.Session(Tenant))).StatusCode);
    }

    [Theory]
    [InlineData(true, true, HttpStatusCode.OK)]
    [InlineData(false, true, HttpStatusCode.ServiceUnavailable)]
    [InlineData(true, false, HttpStatusCode.ServiceUnavailable)]
    public async Task Ready_WhenBothClustersWereReached(bool production, bool control, HttpStatusCode expected)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        (gateway.Clusters.ProductionReady, gateway.Clusters.ControlReady) = (production, control);
        Assert.Equal(expected, (await gateway.GetAsync("/readyz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/healthz")).StatusCode);
    }

    [Fact]
    public async Task ControlsWrongPassword_Is401WithoutSayingWhat()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Control.Failure = new ControlException(
            ControlRefusal.NotAuthorised, Credentials.Refused);
        var wrong = await gateway.SendAsync(HttpMethod.Post, "/v1/session",
            new { tenant = "acme", user = "eve", password = "pw" });
        var impossible = await gateway.SendAsync(HttpMethod.Post, "/v1/session",
            new { tenant = "no/such", user = "eve", password = "pw" });
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(await wrong.Content.ReadAsStringAsync(), await impossible.Content.ReadAsStringAsync());
        Assert.Single(gateway.Clusters.Control.SignInTenants); // the impossible name never became a grain key
    }
}
