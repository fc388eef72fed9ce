using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>Sameness is decided by content, whoever sends and however often.</summary>
public sealed class DuplicatesTests(EmbeddedArchive archive) : IClassFixture<EmbeddedArchive>
{
    private const int Connections = 6;
    private const int TimesEach = 15;

    /// <summary>Two mailboxes are two ingest grains that race for the same record.</summary>
    [Fact]
    public async Task SameBytesFromAllSidesAtOnce_AreOneRecord()
    {
        string[] journals = ["journal@north.example", "journal@south.example"];
        var made = await archive.Operator.PostAsync(
            "v1/tenants", new { name = "both", journalAddresses = journals, secondFactor = "off" });
        made.ThrowUnlessGood();
        await archive.OpenToThisMachineAsync("both");
        var auditor = await archive.CreateUserAsync("both", "auditor", "auditor");
        byte[][] messages = [Eml.Of("twin 1", "zwilling"), Eml.Of("twin 2", "zwilling"), Eml.Of("twin 3", "zwilling")];

        var receipts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(
            n => SendAsync(journals[n % journals.Length], messages)));

        var status = await auditor.DrainedAsync(Connections * TimesEach);
        Assert.Equal((3, (Connections * TimesEach) - 3), (status.Archived, status.Duplicates));
        var listed = await auditor.AllAsync("zwilling");
        Assert.Equal(3, listed.Count);
        // The counter of what is indexed counts records: their further deliveries may follow a moment later.
        var shown = await WaitUntil.AnswerAsync(
            "every delivery is shown", () => Task.WhenAll(listed.Select(item => auditor.MessageAsync(item.Id))),
            messages => messages.Sum(m => m.Deliveries.Length) >= Connections * TimesEach);
        Assert.Equal(
            receipts.SelectMany(r => r).Order(), shown.SelectMany(m => m.Deliveries).Select(d => d.Receipt).Order());
    }

    [Fact]
    public async Task EveryReceipt_TellsWhatBecameOfIt_AndStandsInItsDaysFile()
    {
        var tenant = await archive.CreateTenantAsync("looked-up");
        var stranger = await archive.CreateTenantAsync("stranger");
        var admin = await AdminAsync("looked-up");
        var (first, other) = (Eml.Of("receipt 1", "quittung"), Eml.Of("receipt 2", "quittung"));
        var receipts = await tenant.SendAsync(first, other, first);
        var early = await ReceiptAsync(tenant.Auditor, receipts[0]); // right behind the 250: durable is durable
        Assert.Contains(early.State, (string[])["accepted", "archived"]);
        await tenant.Auditor.DrainedAsync(3);
        await tenant.FindAsync("subject:\"receipt 2\"");

        var known = await Task.WhenAll(receipts.Select(receipt => ReceiptAsync(tenant.Auditor, receipt)));
        Assert.All(known, one => Assert.Equal("archived", one.State));
        Assert.Equal((known[0].Record, true), (known[2].Record, known[2].Duplicate));
        Assert.Equal([false, false], known[..2].Select(one => one.Duplicate));
        Assert.NotEqual(known[0].Record, known[1].Record);
        Assert.NotNull(known[0].Source);
        // The operator hears it once the segment is gone; from then on its mark is what is looked at.
        foreach (var (i, receipt) in receipts.Index())
        {
            var told = await WaitUntil.AnswerAsync(
                "done", () => ReceiptAsync(archive.Operator, receipt), one => one.State == "archived");
            Assert.Equal((null, null, null), (told.Record, told.Source, told.AcceptedAt));
            Assert.Equal(known[i], await ReceiptAsync(tenant.Auditor, receipt));
            Assert.Equal(known[i], await ReceiptAsync(admin, receipt));
            var foreign = await stranger.Auditor.GetAsync($"v1/receipts/{receipt}");
            var nobodys = await stranger.Auditor.GetAsync($"v1/receipts/{new string('a', 32)}");
            Assert.Equal((HttpStatusCode.NotFound, nobodys.Text), (foreign.Status, foreign.Text));
        }

        await AssertDayAsync(tenant, admin, known, receipts);
    }

    private static async Task AssertDayAsync(Tenant tenant, Rest admin, Looked[] known, string[] receipts)
    {
        var days = (await admin.GetAsync("v1/reconciliations")).Read<Days>().Items;
        Assert.Equal((3, 2, 1), (days.Sum(d => d.Accepted), days.Sum(d => d.Archived), days.Sum(d => d.Duplicates)));
        var day = known[0].AcceptedAt!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.GetAsync($"v1/reconciliations/{day}")).Status);
        var files = new List<JsonObject>();
        foreach (var one in days.OrderBy(d => d.Day, StringComparer.Ordinal))
        {
            var file = await tenant.Auditor.GetAsync($"v1/reconciliations/{one.Day}");
            file.ThrowUnlessGood();
            JsonObject[] lines =
                [.. file.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject())];
            Assert.Equal((one.Accepted, true), ((long)lines[0]["totals"]!["accepted"]!, (bool)lines[^1]["agrees"]!));
            var end = file.Text.LastIndexOf("{\"end\"", StringComparison.Ordinal);
            Assert.Equal(Eml.Hash(Encoding.UTF8.GetBytes(file.Text[..end])), (string)lines[^1]["sha256"]!);
            files.AddRange(lines[1..^1]);
        }
        Assert.Equal(receipts.Order(), files.Select(line => (string)line["receipt"]!).Order());
        Assert.Equal(["archived", "archived", "duplicate"], files.Select(line => (string)line["outcome"]!).Order());
        Assert.All(files, line => Assert.NotNull(line["messageId"]));
    }

    private async Task<Rest> AdminAsync(string tenant)
    {
        var made = await archive.Operator.PostAsync($"v1/tenants/{tenant}/users", new { user = "admin", role = "tenant-admin" });
        var password = (string)JsonNode.Parse(made.Text)!["password"]!;
        (await archive.Anonymous.PostAsync("v1/session/password", new
        {
            tenant, user = "admin", password, newPassword = RunningArchive.Password,
        })).ThrowUnlessGood();
        return await archive.SignInAsync(tenant, "admin");
    }

    private static async Task<Looked> ReceiptAsync(Rest who, string receipt) =>
        (await who.GetAsync($"v1/receipts/{receipt}")).Read<Looked>();

    private sealed record Looked(
        string Receipt, string State, string? Record, bool Duplicate, string? Source, DateTime? AcceptedAt,
        DateTime? ArchivedAt);

    private sealed record Days(DayItem[] Items);

    private sealed record DayItem(string Day, long Accepted, long Archived, long Duplicates);

    private async Task<string[]> SendAsync(string journal, byte[][] messages)
    {
        await using var session = await archive.ConnectAsync();
        var receipts = new string[TimesEach];
        for (var i = 0; i < TimesEach; i++)
        {
            var reply = await session.SendAsync(
                RunningArchive.Sender, [journal], messages[i % messages.Length], CancellationToken.None);
            Assert.Equal(250, reply.Code);
            receipts[i] = reply.Text;
        }
        return receipts;
    }
}
