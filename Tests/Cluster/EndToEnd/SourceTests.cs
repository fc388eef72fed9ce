using AMA.Adapters.Submission;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>Who may send whose mail, through the real gateway, from Control's answer to the last reply.</summary>
public sealed class SourceTests(SourceTests.MeteredArchive archive) : IClassFixture<SourceTests.MeteredArchive>
{
    [Fact]
    public async Task Source_IsCounted_InTheListAndInTheMetrics_WithoutAnyName()
    {
        var made = await CreateAsync("counted-bay");
        var credentials = new SubmissionCredentials(made.Sources[0].User!, made.Sources[0].Password!);
        var before = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(-1);
        for (var i = 0; i < 2; i++) Assert.StartsWith("250 2.0.0", await SendAsync("counted-bay", credentials));
        await Assert.ThrowsAsync<SubmissionException>(
            () => SendAsync("counted-bay", credentials with { Password = made.Sources[0].Id }));
        var counts = await WaitUntil.AnswerAsync(
            "two deliveries counted", () => archive.Operator.SourceCountsAsync("counted-bay"),
            sources => sources is [{ Archived: 1, Duplicates: 1, Waiting: 0 }]);
        Assert.Equal((2, 2 * Eml.Of("sources", "counted-bay").Length), (counts[0].Accepted, counts[0].Bytes));
        Assert.InRange(counts[0].LastSeen!.Value, before, TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1));

        using var http = new HttpClient();
        var source = $"source=\"{made.Sources[0].Id}\"";
        var lines = await WaitUntil.AnswerAsync(
            "the counters in the metrics", async () => (await http.GetStringAsync(
                new Uri(archive.Host.MetricsAddress!, "metrics"))).Split('\n').Where(l => l.Contains(source)).ToArray(),
            found => found.Count(line => Is(line, "ama_source_deliveries_total", "1")) == 2);
        Assert.Contains(lines, line => Is(line, "ama_smtp_accepted_total", "2"));
        Assert.Contains(lines, line => line.StartsWith("ama_source_last_seen_seconds", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("ama_source_refusals_total", StringComparison.Ordinal)
            && line.Contains("reason=\"credentials\"", StringComparison.Ordinal));
        var all = await http.GetStringAsync(new Uri(archive.Host.MetricsAddress!, "metrics"));
        foreach (var name in new[] { "counted-bay", "@", made.Sources[0].User! }) Assert.DoesNotContain(name, all);
    }

    [Fact]
    public async Task Tenant_GetsMailFromItsSourcesOnly_FromTheMomentThatControlAnswers()
    {
        var made = await CreateAsync("sealed-bay");
        var credentials = new SubmissionCredentials(made.Sources[0].User!, made.Sources[0].Password!);
        Assert.Equal("530 5.7.0 Authentication required", await SendAsync("sealed-bay", null));
        Assert.StartsWith("250 2.0.0", await SendAsync("sealed-bay", credentials));
        await Assert.ThrowsAsync<SubmissionException>(
            () => SendAsync("sealed-bay", credentials with { Password = made.Sources[0].Id }));

        var open = await CreateAsync("open-bay");
        await archive.OpenToThisMachineAsync("open-bay");
        Assert.StartsWith("250 2.0.0", await SendAsync("open-bay", null));
        Assert.Equal("550 5.7.1 You are no source of this recipient's mail", await SendAsync("sealed-bay", null));
        var other = new SubmissionCredentials(open.Sources[0].User!, open.Sources[0].Password!);
        Assert.Equal("550 5.7.1 You are no source of this recipient's mail", await SendAsync("sealed-bay", other));

        var second = (await archive.Operator.PostAsync("v1/tenants/sealed-bay/sources", new { kind = "auth" })).Read<Source>();
        (await archive.Operator.SendAsync(
            HttpMethod.Delete, $"v1/tenants/sealed-bay/sources/{made.Sources[0].Id}")).ThrowUnlessGood();
        await Assert.ThrowsAsync<SubmissionException>(() => SendAsync("sealed-bay", credentials));
        Assert.StartsWith("250 2.0.0", await SendAsync("sealed-bay", new(second.User!, second.Password!)));
    }

    /// <summary>name{labels} value, perhaps with a time behind it.</summary>
    private static bool Is(string line, string name, string value) =>
        line.StartsWith($"{name}{{", StringComparison.Ordinal)
        && line[(line.IndexOf("} ", StringComparison.Ordinal) + 2)..].Split(' ')[0] == value;

    [Fact]
    public async Task SuspendedTenant_IsPutOff_AndGoesOnWhenResumed()
    {
        var made = await CreateAsync("quiet-bay");
        var credentials = new SubmissionCredentials(made.Sources[0].User!, made.Sources[0].Password!);
        (await PatchAsync("quiet-bay", new { suspended = true })).ThrowUnlessGood();
        Assert.StartsWith("450 4.2.1", await SendAsync("quiet-bay", credentials));
        (await PatchAsync("quiet-bay", new { suspended = false })).ThrowUnlessGood();
        Assert.StartsWith("250 2.0.0", await SendAsync("quiet-bay", credentials));
    }

    private async Task<Made> CreateAsync(string name) => (await archive.Operator.PostAsync(
        "v1/tenants", new { name, journalAddresses = new[] { $"journal@{name}.example" } })).Read<Made>();

    private Task<Answer> PatchAsync(string tenant, object change) =>
        archive.Operator.SendAsync(HttpMethod.Patch, $"v1/tenants/{tenant}", change);

    private async Task<string> SendAsync(string tenant, SubmissionCredentials? credentials)
    {
        await using var session = await archive.ConnectAsync(credentials: credentials);
        var reply = await session.SendAsync(
            RunningArchive.Sender, [$"journal@{tenant}.example"], Eml.Of("sources", tenant), CancellationToken.None);
        return reply.ToString();
    }

    public sealed class MeteredArchive : EmbeddedArchive
    {
        protected override Dictionary<string, string?> Settings =>
            new() { ["AMA:Metrics:Endpoint"] = "http://127.0.0.1:0" };
    }

    private sealed record Made(Source[] Sources);

    private sealed record Source(string Id, string? User, string? Password);
}
