using System.Net;
using System.Text.Json.Nodes;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Web;

public sealed class SessionRoutesTests
{
    private static readonly Guid Tenant = new("11111111111111111111111111111111");
    private static readonly object Credentials =
        new { tenant = "acme", user = "eve", password = "a password", code = "123456" };

    [Fact]
    public async Task SignIn_PassesTheCode_AndWhereItCameFrom()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.SendAsync(HttpMethod.Post, "/v1/session", Credentials);
        Assert.Equal(
            new Credentials("eve", "a password", "123456", "127.0.0.1"), Assert.Single(gateway.Clusters.Control.Shown));
    }

    [Theory]
    [InlineData(ControlRefusal.SecondFactorRequired, 401, "second-factor-required")]
    [InlineData(ControlRefusal.EnrolmentRequired, 403, "second-factor-enrolment-required")]
    [InlineData(ControlRefusal.PasswordChangeRequired, 403, "password-change-required")]
    [InlineData(ControlRefusal.NotAllowed, 403, "not-allowed")]
    public async Task WhatElseIsNeeded_IsAProblemOfItsOwn(ControlRefusal refusal, int status, string kind)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Control.Failure = new ControlException(refusal, "why");
        var answer = await gateway.SendAsync(HttpMethod.Post, "/v1/session", Credentials);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal($"urn:ama:problem:{kind}", (string)(await GatewayUnderTest.JsonAsync(answer))["type"]!);
    }

    [Theory]
    [InlineData("/v1/session/totp", 200)]
    [InlineData("/v1/session/totp/confirm", 200)]
    [InlineData("/v1/session/totp/remove", 204)]
    [InlineData("/v1/session/recovery-codes", 200)]
    public async Task OwnAccount_IsReachedByCredentials_AndByNoToken(string path, int status)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        Assert.Equal(status, (int)(await gateway.SendAsync(HttpMethod.Post, path, Credentials)).StatusCode);
        Assert.Equal("eve", Assert.Single(gateway.Clusters.Control.Shown).User);
        var withToken = await gateway.SendAsync(HttpMethod.Post, path, null, Tokens.Session(Tenant));
        Assert.Equal(HttpStatusCode.BadRequest, withToken.StatusCode);
    }

    [Fact]
    public async Task Renewal_GoesToTheTenantItNames_AndNonsenseToNone()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var answer = await gateway.SendAsync(HttpMethod.Post, "/v1/session/renew", new { renewal = "acme.7.x" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["acme"], gateway.Clusters.Control.SignInTenants);
        foreach (var renewal in new[] { "", "acme", "no/such.7.x", "..", new string('a', 1000) + ".7.x" })
        {
            answer = await gateway.SendAsync(HttpMethod.Post, "/v1/session/renew", new { renewal });
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
        Assert.Single(gateway.Clusters.Control.SignInTenants);
    }

    [Fact]
    public async Task Sessions_AreListed_AndEnded_AtTheTokensOwnTenant()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var token = Tokens.Session(Tenant);
        var listed = await GatewayUnderTest.JsonAsync(await gateway.GetAsync("/v1/sessions", token));
        var id = (string)listed["items"]![0]!["id"]!;
        var ended = await gateway.SendAsync(HttpMethod.Delete, $"/v1/sessions/{id}", null, token);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        var signedOut = await gateway.SendAsync(HttpMethod.Delete, "/v1/session", null, token);
        Assert.Equal(HttpStatusCode.NoContent, signedOut.StatusCode);
        Assert.Equal(["acme", "acme", "acme"], gateway.Clusters.Control.SignInTenants);
        var wrong = await gateway.SendAsync(HttpMethod.Delete, "/v1/sessions/x", null, token);
        Assert.Equal(HttpStatusCode.NotFound, wrong.StatusCode);
    }

    [Fact]
    public async Task TriesForOneAccount_AreLimited_WhetherThereIsSuchAnAccountOrNot()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            options => options with { SignInsPerAccountMax = 2 });
        gateway.Clusters.Control.Failure = new ControlException(ControlRefusal.NotAuthorised, "wrong");
        var statuses = new List<int>();
        foreach (var user in new[] { "eve", "EVE ", "eve", "fred" })
            statuses.Add((int)(await gateway.SendAsync(
                HttpMethod.Post, "/v1/session", new { tenant = "acme", user, password = "pw" })).StatusCode);
        Assert.Equal([401, 401, 429, 401], statuses);
    }

    [Theory]
    [InlineData("GET", "/v1/tenants/{0}/users", null)]
    [InlineData("POST", "/v1/tenants/{0}/users", """{"user":"x","role":"user"}""")]
    [InlineData("PATCH", "/v1/tenants/{0}/users/eve", """{"disabled":true}""")]
    [InlineData("DELETE", "/v1/tenants/{0}/users/eve", null)]
    [InlineData("POST", "/v1/tenants/{0}/users/eve/password", null)]
    [InlineData("POST", "/v1/tenants/{0}/users/eve/approval", null)]
    [InlineData("PUT", "/v1/tenants/{0}/second-factor", """{"secondFactor":"everybody"}""")]
    public async Task Threat_26_SessionFindsItsOwnTenantsUsers_AndNoOthers(string method, string path, string? body)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        Assert.True((await SendAsync("acme", Tokens.Session(Tenant))).IsSuccessStatusCode);
        Assert.True((await SendAsync("other", "operator-token")).IsSuccessStatusCode);
        Assert.Equal(["acme", "other"], gateway.Clusters.Control.KeptTenants);
        foreach (var tenant in new[] { "other", "no%2Fsuch" })
            Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(tenant, Tokens.Session(Tenant))).StatusCode);
        Assert.Equal(2, gateway.Clusters.Control.KeptTenants.Count);

        Task<HttpResponseMessage> SendAsync(string tenant, string token) => gateway.SendAsync(
            new(method), string.Format(path, tenant), body is null ? null : JsonNode.Parse(body), token);
    }
}
