using System.Net;
using System.Text.RegularExpressions;
using AMA.Archive.Ids;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Hardening;
using AMA.Gateway.Web.Messages;
using AMA.Grains.Interfaces.Archive;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Web;

public sealed class HardeningTests
{
    private static readonly Guid Tenant = new("11111111222233334444555555555555");
    private static readonly Guid Record = new("0123456789abcdef0123456789abcdef");

    [Fact]
    public void Threat_23_ContentDisposition_HasNothingButOurId()
    {
        var text = RawMessage.Disposition(new RecordId(Record));
        Assert.Equal("attachment; filename=\"0123456789abcdef0123456789abcdef.eml\"", text);
    }

    [Theory]
    [InlineData("x\r\nSet-Cookie: a=b")]
    [InlineData("x%0d%0aSet-Cookie: a=b")]
    [InlineData("x\u2028Set-Cookie: a=b")]
    public async Task Threat_23_SubjectWithLineEnds_ReachesNoHeader(string subject)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var item = new MessageItem(Record, subject, subject, subject, [subject], null, default, 1, [subject]);
        gateway.Clusters.Archive.View = new(item, [], subject, [], [], []);
        gateway.Clusters.Archive.Pieces = [[1]];
        foreach (var path in (string[])[$"/v1/messages/{Record:N}", $"/v1/messages/{Record:N}/raw"])
        {
            var answer = await gateway.GetAsync(path, Tokens.Session(Tenant));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.DoesNotContain("Set-Cookie", answer.Headers + answer.Content.Headers.ToString());
        }
    }

    [Fact]
    public async Task Threat_26_TenantComesFromTheSessionAlone()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var other = "99999999999999999999999999999999";
        gateway.Clusters.Archive.View = new(new(Record, "", "", "", [], null, default, 1, []), [], "", [], [], []);
        foreach (var path in (string[])[$"/v1/messages?tenant={other}", $"/v1/messages/{Record:N}?tenant={other}",
            $"/v1/messages/{Record:N}/raw?tenantId={other}", $"/v1/status?tenant={other}"])
            await gateway.GetAsync(path, Tokens.Session(Tenant));
        Assert.Equal(4, gateway.Clusters.Archive.AskedTenants.Count);
        Assert.All(gateway.Clusters.Archive.AskedTenants, asked => Assert.Equal(new TenantId(Tenant), asked));
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("not-an-id")]
    [InlineData("0123")]
    [InlineData("..%2f..%2fetc")]
    public async Task Threat_26_ForeignMissingAndImpossibleIds_AnswerAlikeToTheByte(string id)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Archive.Failure = new ArchiveException(ArchiveRefusal.NotFound, "belongs to somebody else");
        foreach (var path in (string[])[$"/v1/messages/{id}", $"/v1/messages/{id}/raw"])
        {
            var answer = await gateway.GetAsync(path, Tokens.Session(Tenant));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal("""
                {"type":"urn:ama:problem:not-found","title":"Not Found","status":404,
                "detail":"There is no such message."}
                """.ReplaceLineEndings(""), await answer.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("GET", "/v1/messages")]
    [InlineData("GET", "/v1/messages/0123456789abcdef0123456789abcdef")]
    [InlineData("GET", "/v1/messages/0123456789abcdef0123456789abcdef/raw")]
    [InlineData("GET", "/v1/status")]
    [InlineData("POST", "/v1/tenants")]
    [InlineData("POST", "/v1/tenants/acme/users")]
    public async Task Threat_40_WithoutToken_NothingIsAnswered(string method, string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var scheme in (string?[])[null, "Basic dXNlcjpwYQ==", "Bearer", "Bearer ", "Bearer a b", "Bearer {}"])
        {
            using var request = new HttpRequestMessage(new(method), path);
            if (scheme is not null) request.Headers.TryAddWithoutValidation("Authorization", scheme);
            if (method == "POST") request.Content = new StringContent("{}", null, "application/json");
            var answer = await gateway.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        }
        Assert.Empty(gateway.Clusters.Archive.AskedTenants);
        Assert.Empty(gateway.Clusters.Control.OperatorTokens);
    }

    [Fact]
    public async Task Threat_26_SessionsAndOperators_StayInTheirRoutes()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var asOperator = await gateway.SendAsync(HttpMethod.Post, "/v1/tenants",
            new { name = "acme", journalAddresses = new[] { "j@acme.test" } }, Tokens.Session(Tenant));
        Assert.Equal(HttpStatusCode.Forbidden, asOperator.StatusCode);
        var reading = await gateway.GetAsync("/v1/messages", "the-operator-token");
        Assert.Equal(HttpStatusCode.Unauthorized, reading.StatusCode);
        Assert.Empty(gateway.Clusters.Control.OperatorTokens);
    }

    [Fact]
    public async Task EveryAnswer_HasTheHeadersAndNoServerName()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var path in (string[])["/", "/healthz", "/v1/messages", "/nowhere", "/openapi/v1.json"])
        {
            var answer = await gateway.GetAsync(path);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
            Assert.StartsWith("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task Logs_HaveNoQueryNoTokenNoPassword_AtAnyLevel()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var token = Tokens.Session(Tenant);
        await gateway.GetAsync("/v1/messages?q=canary-query&limit=canary-limit", token);
        await gateway.GetAsync("/canary-path?q=canary-query");
        await gateway.SendAsync(HttpMethod.Post, "/v1/session",
            new { tenant = "canary-tenant", user = "canary-user", password = "canary-password" });
        Assert.DoesNotContain("canary", gateway.Log.Text);
        Assert.DoesNotContain(token, gateway.Log.Text);
        Assert.Contains("listening", gateway.Log.Text); // the log is looked at, not just empty
    }

    [Fact]
    public async Task Threat_33_TooManySignIns_AreSlowedDown()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            options => options with { SignInsPerMinuteMax = 2 });
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 3; i++)
        {
            var answer = await gateway.SendAsync(HttpMethod.Post, "/v1/session",
                new { tenant = "acme", user = "eve", password = "pw" });
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode != HttpStatusCode.OK) Assert.True(answer.Headers.RetryAfter is not null);
        }
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], statuses);
    }

    [Fact]
    public void Threat_33_OneIPv6NetworkCountsAsOneSource()
    {
        Assert.Equal(SignInLimit.Source(IPAddress.Parse("2001:db8::1")),
            SignInLimit.Source(IPAddress.Parse("2001:db8::ffff:2")));
        Assert.NotEqual(SignInLimit.Source(IPAddress.Parse("2001:db8::1")),
            SignInLimit.Source(IPAddress.Parse("2001:db8:0:1::1")));
        Assert.Equal("192.0.2.1", SignInLimit.Source(IPAddress.Parse("::ffff:192.0.2.1")));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("Acme-2", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a.b", false)]
    [InlineData("..", false)]
    [InlineData("eu/acme", false)]
    [InlineData("acme ", false)]
    [InlineData("ac\nme", false)]
    [InlineData("äcme", false)]
    public void TenantName_IsANameAndNothingElse(string? text, bool expected) =>
        Assert.Equal(expected, TenantName.TryParse(text, out _));

    [Fact]
    public async Task HomePage_LoadsNothingAndRunsNothing()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var html = await gateway.Http.GetStringAsync("/");
        Assert.Contains("/openapi/v1.json", html);
        Assert.DoesNotMatch(new Regex("<script|src=|https?:|@import|url\\(", RegexOptions.NonBacktracking), html);
    }

    [Fact]
    public async Task OpenApi_NamesEveryRouteWithItsProblems()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var api = await GatewayUnderTest.JsonAsync(await gateway.GetAsync("/openapi/v1.json"));
        Assert.Equal(["/healthz", "/readyz", "/v1/audit/leases", "/v1/erasures",
            "/v1/erasures/{id}/approval", "/v1/exports", "/v1/exports/{id}/approval", "/v1/holds", "/v1/holds/release",
            "/v1/holds/{id}/approval", "/v1/jobs", "/v1/jobs/{id}", "/v1/lease-policy", "/v1/messages", "/v1/messages/{id}", "/v1/messages/{id}/raw",
            "/v1/part-ends", "/v1/part-ends/{id}/approval",
            "/v1/receipts/{receipt}", "/v1/reconciliations", "/v1/reconciliations/{day}",
            "/v1/session", "/v1/session/password", "/v1/session/recovery-codes", "/v1/session/renew", "/v1/session/totp",
            "/v1/session/totp/confirm", "/v1/session/totp/remove", "/v1/sessions", "/v1/sessions/{id}", "/v1/status",
            "/v1/tenants", "/v1/tenants/{tenant}", "/v1/tenants/{tenant}/second-factor",
            "/v1/tenants/{tenant}/sources", "/v1/tenants/{tenant}/sources/{source}", "/v1/tenants/{tenant}/users",
            "/v1/tenants/{tenant}/users/{user}", "/v1/tenants/{tenant}/users/{user}/approval",
            "/v1/tenants/{tenant}/users/{user}/password"],
            api["paths"]!.AsObject().Select(path => path.Key).Order(StringComparer.Ordinal));
        var search = api["paths"]!["/v1/messages"]!["get"]!;
        Assert.Equal(["q", "limit", "cursor"], search["parameters"]!.AsArray().Select(item => (string)item!["name"]!));
        Assert.All(search["parameters"]!.AsArray(), item => Assert.NotNull(item!["description"]));
        Assert.Contains("423", search["responses"]!.AsObject().Select(answer => answer.Key));
        Assert.Equal(100, (int)search["parameters"]![1]!["schema"]!["maximum"]!);
        Assert.NotNull(api["components"]!["schemas"]!["MessageItem"]!["properties"]!["id"]!["description"]);
    }
}
