using System.Net;
using System.Text.Json;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>What strangers get: no answers, and no say in the log.</summary>
public sealed class FromOutsideTests(TenantArchive archive) : IClassFixture<TenantArchive>
{
    private static readonly string[] OpenToAll = ["/healthz", "/readyz"];

    /// <summary>Whose body says who asks.</summary>
    private static readonly Dictionary<string, object> Bodies = new()
    {
        ["/v1/session"] = Wrong, ["/v1/session/totp"] = Wrong, ["/v1/session/totp/confirm"] = Wrong,
        ["/v1/session/totp/remove"] = Wrong, ["/v1/session/recovery-codes"] = Wrong,
        ["/v1/session/password"] =
            new { tenant = "nordwind", user = "stranger", password = "guessed", newPassword = "mine from now on" },
        ["/v1/session/renew"] = new { renewal = $"nordwind.{new string('0', 32)}.guessed" },
    };

    private static object Wrong => new { tenant = "nordwind", user = "stranger", password = "guessed" };

    /// <summary>The list of routes is the product's own: a new route is in this test on the day it is made.</summary>
    [Fact]
    public async Task Threat_40_EveryRouteWithoutASession_Is401()
    {
        var description = JsonDocument.Parse((await archive.Anonymous.GetAsync("openapi/v1.json")).Body);
        var paths = description.RootElement.GetProperty("paths").EnumerateObject().ToArray();
        Assert.True(paths.Length >= 8, "the description lists too few routes");
        foreach (var path in paths.Where(path => !OpenToAll.Contains(path.Name)))
        foreach (var method in path.Value.EnumerateObject())
        {
            var route = path.Name.Replace("{id}", new string('0', 32)).Replace("{tenant}", "nordwind")
                .Replace("{user}", "eve").TrimStart('/');
            var verb = new HttpMethod(method.Name.ToUpperInvariant());
            var answer = await archive.Anonymous.SendAsync(verb, route, BodyOf(path.Name, verb));
            Assert.True(answer.Status is HttpStatusCode.Unauthorized, $"{verb} {route}: {answer.Status}");
        }
    }

    private static object? BodyOf(string path, HttpMethod verb) =>
        verb == HttpMethod.Get || verb == HttpMethod.Delete ? null : Bodies.GetValueOrDefault(path, new { });

    [Theory]
    [InlineData("dashboard")]
    [InlineData("metrics")]
    [InlineData("swagger")]
    [InlineData(".env")]
    [InlineData("v1")]
    [InlineData("v1/tenants/nordwind")]
    public async Task Threat_40_NothingElseIsThere(string path) => Assert.True(
        (await archive.Anonymous.GetAsync(path)).Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed);

    [Fact]
    public async Task Health_IsOpenAndSaysYesOrNo()
    {
        Assert.Equal("""{"status":"alive"}""", (await archive.Anonymous.GetAsync("healthz")).Text);
        Assert.Equal("""{"status":"ready"}""", (await archive.Anonymous.GetAsync("readyz")).Text);
    }

    /// <summary>Line ends, escape sequences and writing direction, in every field that a stranger fills in.</summary>
    [Fact]
    public async Task Threat_42_NobodyWritesLinesOfTheLog()
    {
        const string forged = "x\r\nCritical FORGED\u001b[2J\u202e\u0085\u2028";
        foreach (var user in new[] { forged, "auditor" })
            await archive.Anonymous.PostAsync("v1/session", new { tenant = forged, user, password = forged });
        await archive.Anonymous.PostAsync("v1/session", new { tenant = "nordwind", user = forged, password = forged });
        await archive.Operator.PostAsync("v1/tenants", new { name = forged, journalAddresses = new[] { forged } });
        await archive.Operator.PostAsync("v1/tenants", new { name = "forged", journalAddresses = new[] { forged } });
        await archive.Operator.PostAsync("v1/tenants/nordwind/users", new { user = forged, role = forged });
        await archive.Tenant.Auditor.GetAsync(Rest.SearchPath($"(\"{forged}"));
        await archive.Tenant.Auditor.GetAsync(Rest.SearchPath("a", 1, forged));
        await archive.Tenant.Auditor.GetAsync($"v1/messages/{Uri.EscapeDataString(forged)}");
        await archive.Tenant.SendAsync(
            Eml.Of("fine", "\u001b[2JFORGED", from: "\u001b[2J\u202e@x", more: "X: \u001b[31mFORGED"));
        await archive.Tenant.FindAsync("subject:fine");

        Assert.DoesNotContain(archive.Log.Lines, line => line.Contains("FORGED", StringComparison.Ordinal)
            && line.IndexOfAny(['\r', '\u001b', '\u202e', '\u0085', '\u2028']) >= 0);
        Assert.DoesNotContain(archive.Log.Lines, line => line.Contains("\nCritical FORGED", StringComparison.Ordinal));
    }
}
