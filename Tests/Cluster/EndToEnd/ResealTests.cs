using System.Net;
using AMA.Archive.Log;
using AMA.Archive.Packs;
using AMA.Archive.Retention;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>
/// A part is sealed anew after a suspected leak: all that lives reads as before and is found, what was erased stays
/// erased, and nothing is left of what the old keys opened. Then it ends, and only what is held is left.
/// </summary>
public sealed class ResealTests(ResealTests.NearAMonthsEnd archive) : IClassFixture<ResealTests.NearAMonthsEnd>
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
        var held = await tenant.FindAsync("\"number 7\"");
        await CarriedOutAsync("holds", tenant.Auditor, await OrderedAsync("holds", tenant.Auditor, held.Id));
        var before = await ReadAllAsync(tenant.Auditor);

        await archive.BackupLevelAsync();
        var away = archive.TakeAway("backup"); // so what is sealed anew is committed, and the old leaves live on
        var first = await OpenAsync(admin, AtFirst);
        await WaitUntil.AnswerAsync("the first slice", () => JobAsync(admin, first), job => job.Done == AtFirst);
        Assert.Equal(before, await ReadAllAsync(tenant.Auditor)); // nobody is disturbed
        await archive.RestartAsync(away.Dispose);
        var auditor = await archive.SignInAsync("quay", "auditor");
        admin = await archive.SignInAsync("quay", "admin");
        (await admin.SendAsync(HttpMethod.Delete, $"v1/jobs/{first}")).ThrowUnlessGood();
        var second = await OpenAsync(admin, 1_000_000);
        var done = await WaitUntil.AnswerAsync(
            "the job is done", () => JobAsync(admin, second), job => job.FinishedAt is not null);

        Assert.Equal((Mails + 2, Mails + 2, "", false), (done.Done, done.Total, done.Fault, done.Open));
        await LogTellsAsync();
        await tenant.SendAsync(mails[2]); // it is known to be a copy
        await WaitUntil.AnswerAsync("the copy", auditor.StatusAsync, status => status.Duplicates == 3);
        archive.Time.Advance(TimeSpan.FromMinutes(16));
        await WaitUntil.TrueAsync("no pack under the old tree", () => Generations() is [1u]);
        auditor = await archive.SignInAsync("quay", "auditor");
        Assert.Equal(before, await ReadAllAsync(auditor));
        Assert.Equal(2, (await auditor.MessageAsync(before.Keys.First(id => before[id] == Eml.Hash(mails[0])))).Deliveries.Length);
        Assert.Equal(HttpStatusCode.NotFound, (await auditor.GetAsync($"v1/messages/{gone.Id}/raw")).Status);
        await tenant.SendAsync(Eml.Of("afterwards", "evergreen newcomer"));
        await WaitUntil.AnswerAsync("new mail", () => auditor.SearchAsync("newcomer"), found => found.Total == 1);
        Assert.Equal(before.Count + 1, (await auditor.SearchAsync("evergreen")).Total);
        await EndAsync(auditor, await archive.SignInAsync("quay", "admin"), held.Id, before[held.Id]);
    }

    /// <summary>The month is over: of its mail only what is held survives its end, until that is let go, too.</summary>
    private async Task EndAsync(Rest auditor, Rest admin, string held, string hash)
    {
        var refused = await OrderedAsync("erasures", auditor, held);
        (await admin.PostAsync($"v1/erasures/{refused}/approval", new { })).ThrowUnlessGood();
        await WaitUntil.AnswerAsync("the refusal", () => OrderAsync("erasures", auditor, refused), o => o.Refusal is not null);
        Assert.Contains("legal hold", (await OrderAsync("erasures", auditor, refused)).Refusal);

        var end = (await auditor.PostAsync("v1/part-ends", new { epoch = Epoch - 1 })).Read<Order>().Id;
        (await admin.PostAsync($"v1/part-ends/{end}/approval", new { })).ThrowUnlessGood();
        await CarriedOutAsync("part-ends", auditor, end);
        var left = await auditor.AllAsync("evergreen");
        Assert.Equal([held], left.Where(item => !item.Subject.Contains("afterwards")).Select(item => item.Id));
        Assert.Equal(hash, Eml.Hash(await auditor.RawAsync(held)));

        var release = (await auditor.PostAsync("v1/holds/release", new { records = new[] { held } })).Read<Order>().Id;
        (await admin.PostAsync($"v1/holds/{release}/approval", new { })).ThrowUnlessGood();
        await CarriedOutAsync("holds", auditor, release);
        Assert.Equal(HttpStatusCode.NotFound, (await auditor.GetAsync($"v1/messages/{held}")).Status);
        archive.Time.Advance(TimeSpan.FromMinutes(16));
        await WaitUntil.TrueAsync("the part's packs are gone", () => PacksOf(Epoch - 1).Length == 0);
        Assert.NotEmpty(PacksOf(Epoch));
    }

    private uint Epoch => RetentionPart.EpochOf(archive.Time.GetUtcNow(), RetentionPart.DefaultMonths);

    private string[] PacksOf(uint epoch) =>
    [
        .. archive.Folder.Files("primary", "packs").Concat(archive.Folder.Files("backup", "packs"))
            .Where(file => file.Contains($"/1-{epoch}/", StringComparison.Ordinal)),
    ];

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
        var order = await OrderedAsync("erasures", auditor, record);
        (await admin.PostAsync($"v1/erasures/{order}/approval", new { })).ThrowUnlessGood();
        await CarriedOutAsync("erasures", auditor, order);
    }

    private static async Task<string> OrderedAsync(string path, Rest auditor, string record) =>
        (await auditor.PostAsync($"v1/{path}", new { records = new[] { record } })).Read<Order>().Id;

    private static Task CarriedOutAsync(string path, Rest auditor, string order) => WaitUntil.AnswerAsync(
        "the order is carried out", () => OrderAsync(path, auditor, order), other => other.UnreadableAt is not null);

    private static async Task<Order> OrderAsync(string path, Rest auditor, string order) =>
        (await auditor.GetAsync($"v1/{path}")).Read<Orders>().Items.Single(other => other.Id == order);

    private async Task<string> OpenAsync(Rest admin, int recordsPerMinute)
    {
        return (await admin.PostAsync("v1/jobs", new
        {
            purpose = "re-seal", firstEpoch = Epoch - 1, lastEpoch = Epoch, recordsPerMinute,
            endsAt = archive.Time.GetUtcNow().AddDays(1),
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

    private sealed record Order(string Id, DateTime? UnreadableAt, string? Refusal);

    private sealed record Orders(Order[] Items);

    private sealed record Job(string Id, bool Open, long Done, long Total, string Fault, DateTime? FinishedAt);

    private sealed record Jobs(Job[] Items);

    /// <summary>An archive whose month is about to end.</summary>
    public sealed class NearAMonthsEnd : EmbeddedArchive
    {
        public ErasureTests.MovedClock Time { get; } = ErasureTests.MovedClock.TenMinutesToAMonthsEnd();

        protected override TimeProvider Clock => Time;
    }
}
