using System.Net;
using AMA.Archive.Log;
using AMA.Archive.Packs;
using AMA.Archive.Retention;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>
/// A part is sealed anew after a suspected leak: all that lives reads as before and is found, what was erased stays
/// erased, and nothing is left of what the old keys opened.
/// </summary>
public sealed class ResealTests(ErasureTests.NearMidnight archive) : IClassFixture<ErasureTests.NearMidnight>
{
    private const int Mails = 40;
    private const int AtFirst = 20;

    [Fact]
    public async Task Threat_37_PartSealedAnew_LosesNothing_AndLeavesNothingUnderTheOldKeys()
    {
        var tenant = await archive.CreateTenantAsync("quay");
        var admin = await archive.CreateAdminAsync("quay");
        byte[][] mails = [.. Enumerable.Range(0, Mails).Select(n => Eml.Of($"letter {n}", $"evergreen body number {n}"))];
        await tenant.SendAsync([.. mails, mails[0], mails[1]]);
        await tenant.Auditor.DrainedAsync(Mails + 2);
        var gone = await tenant.FindAsync($"\"number {Mails - 1}\"");
        await EraseAsync(tenant.Auditor, admin, gone.Id);
        var before = await ReadAllAsync(tenant.Auditor);

        var first = await OpenAsync(admin, AtFirst);
        await WaitUntil.AnswerAsync("the first slice", () => JobAsync(admin, first), job => job.Done == AtFirst);
        Assert.Equal(before, await ReadAllAsync(tenant.Auditor)); // nobody is disturbed
        await archive.RestartAsync();
        var auditor = await archive.SignInAsync("quay", "auditor");
        admin = await archive.SignInAsync("quay", "admin");
        (await admin.SendAsync(HttpMethod.Delete, $"v1/jobs/{first}")).ThrowUnlessGood();
        var second = await OpenAsync(admin, 1_000_000);
        var done = await WaitUntil.AnswerAsync(
            "the job is done", () => JobAsync(admin, second), job => job.FinishedAt is not null);

        Assert.Equal((Mails + 2, Mails + 2, "", false), (done.Done, done.Total, done.Fault, done.Open));
        await LogTellsAsync();
        archive.Time.Advance(TimeSpan.FromMinutes(16));
        await WaitUntil.TrueAsync("no pack under the old tree", () => Generations() is [1u]);
        auditor = await archive.SignInAsync("quay", "auditor");
        Assert.Equal(before, await ReadAllAsync(auditor));
        Assert.Equal(2, (await auditor.MessageAsync(before.Keys.First(id => before[id] == Eml.Hash(mails[0])))).Deliveries.Length);
        Assert.Equal(HttpStatusCode.NotFound, (await auditor.GetAsync($"v1/messages/{gone.Id}/raw")).Status);
        await tenant.SendAsync(mails[2], Eml.Of("afterwards", "evergreen newcomer"));
        await WaitUntil.AnswerAsync("new mail", () => auditor.SearchAsync("newcomer"), found => found.Total == 1);
        Assert.Equal(before.Count + 1, (await auditor.SearchAsync("evergreen")).Total); // the copy was known
    }

    /// <summary>Ids, and what each message hashes to.</summary>
    private static async Task<Dictionary<string, string>> ReadAllAsync(Rest auditor)
    {
        var all = await WaitUntil.AnswerAsync("an answer", () => auditor.AllAsync("evergreen"), found => found.Count >= Mails - 1);
        var read = new Dictionary<string, string>();
        foreach (var item in all) read[item.Id] = Eml.Hash(await auditor.RawAsync(item.Id));
        return read;
    }

    private static async Task EraseAsync(Rest auditor, Rest admin, string record)
    {
        var order = (await auditor.PostAsync("v1/erasures", new { records = new[] { record } })).Read<Order>();
        (await admin.PostAsync($"v1/erasures/{order.Id}/approval", new { })).ThrowUnlessGood();
        await WaitUntil.AnswerAsync(
            "the order is carried out", async () => (await auditor.GetAsync("v1/erasures")).Read<Orders>(),
            orders => orders.Items.Single(other => other.Id == order.Id).UnreadableAt is not null);
    }

    private async Task<string> OpenAsync(Rest admin, int recordsPerMinute)
    {
        var now = archive.Time.GetUtcNow();
        var epoch = RetentionPart.EpochOf(now, RetentionPart.DefaultMonths);
        return (await admin.PostAsync("v1/jobs", new
        {
            purpose = "re-seal", firstEpoch = epoch - 1, lastEpoch = epoch, recordsPerMinute, endsAt = now.AddDays(1),
        })).Read<Job>().Id;
    }

    private static async Task<Job> JobAsync(Rest person, string id) =>
        (await person.GetAsync("v1/jobs")).Read<Jobs>().Items.Single(job => job.Id == id);

    /// <summary>One leaf of type 8 for each that lives, then one of type 3 for the tree they left.</summary>
    private async Task LogTellsAsync()
    {
        var leaves = archive.Folder.Files("primary", "log").Order().Select(file => LogBatch.Decode(File.ReadAllBytes(file)))
            .SelectMany(batch => batch.Entries.Select(entry => entry.Leaf)).ToArray();
        var resealed = leaves.Where(leaf => leaf.Type == LeafType.Resealed).ToArray();
        Assert.Equal(Mails + 1, resealed.Length);
        Assert.All(resealed, leaf => Assert.Equal(1, leaf.TreeGeneration));
        Assert.Equal(
            leaves.Index().Where(leaf => leaf.Item.Type is LeafType.Archived or LeafType.Delivery)
                .Where(leaf => resealed.Any(other => other.Record == leaf.Item.Record)).Select(leaf => (ulong)leaf.Index),
            resealed.Select(leaf => leaf.RefIndex));
        Assert.Equal(0, Assert.Single(leaves, leaf => leaf.Type == LeafType.EpochDestroyed).TreeGeneration);
        await archive.BackupLevelAsync();
    }

    /// <summary>Of the key trees that packs lie under, in both stores.</summary>
    private uint[] Generations() =>
    [
        .. archive.Folder.Files("primary", "packs").Concat(archive.Folder.Files("backup", "packs"))
            .Select(file => PackHeader.Read(File.ReadAllBytes(file)).TreeGeneration).Distinct().Order(),
    ];

    private sealed record Order(string Id, DateTime? UnreadableAt);

    private sealed record Orders(Order[] Items);

    private sealed record Job(string Id, bool Open, long Done, long Total, string Fault, DateTime? FinishedAt);

    private sealed record Jobs(Job[] Items);
}
