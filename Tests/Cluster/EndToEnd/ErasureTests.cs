using System.Buffers.Binary;
using System.Net;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>
/// An order to erase, from the two persons who give it to the last file that could tell of the record: nobody finds or
/// opens it, its bytes are new mail when they come again, all other mail stays.
/// </summary>
public sealed class ErasureTests(ErasureTests.NearMidnight archive) : IClassFixture<ErasureTests.NearMidnight>
{
    [Fact]
    public async Task ErasedRecord_IsNowhere_FromTheOrderToTheNewIndexKey()
    {
        var tenant = await archive.CreateTenantAsync("harbour");
        var admin = await archive.CreateAdminAsync("harbour");
        var gone = Eml.Of("vanishing", "a word that nobody shall find: evanescent");
        await tenant.SendAsync(Eml.Of("remaining", "a word that stays: perpetual"), gone, gone);
        await tenant.Auditor.DrainedAsync(3);
        var erased = await tenant.FindAsync("evanescent");
        var kept = await tenant.FindAsync("perpetual");

        var wish = new { records = new[] { erased.Id } };
        var order = (await tenant.Auditor.PostAsync("v1/erasures", wish)).Read<Order>();
        var alone = await tenant.Auditor.PostAsync($"v1/erasures/{order.Id}/approval", new { });
        Assert.True(alone.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, alone.Text);
        Assert.Null((await OrderAsync(tenant.Auditor)).UnreadableAt);
        (await admin.PostAsync($"v1/erasures/{order.Id}/approval", new { })).ThrowUnlessGood();
        var done = await WaitUntil.AnswerAsync(
            "the order is carried out", () => OrderAsync(tenant.Auditor), o => o.UnreadableAt is not null);
        Assert.Equal(("admin", null, null), (done.ApprovedBy, done.FinalAt, done.Refusal));

        Assert.Equal(0, (await tenant.Auditor.SearchAsync("evanescent")).Total);
        Assert.Equal(HttpStatusCode.NotFound, (await tenant.Auditor.GetAsync($"v1/messages/{erased.Id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await tenant.Auditor.GetAsync($"v1/messages/{erased.Id}/raw")).Status);
        Assert.NotEmpty(await tenant.Auditor.RawAsync(kept.Id));

        await tenant.SendAsync(gone); // matches nothing that was erased
        var again = await tenant.FindAsync("evanescent");
        Assert.NotEqual(erased.Id, again.Id);

        Assert.Equal([1ul], KeyVersions());
        archive.Time.Advance(TimeSpan.FromMinutes(15));
        await WaitUntil.TrueAsync("no index file under the old key", () => KeyVersions() is [2ul]);
        var auditor = await archive.SignInAsync("harbour", "auditor");
        Assert.Equal(
            new HashSet<string> { again.Id, kept.Id }, (await auditor.AllAsync()).Select(item => item.Id).ToHashSet());
        Assert.Equal(gone, await auditor.RawAsync(again.Id));

        await archive.RestartAsync();
        auditor = await archive.SignInAsync("harbour", "auditor");
        var found = await WaitUntil.AnswerAsync(
            "an answer after the restart", () => auditor.GetAsync(Rest.SearchPath("evanescent")),
            answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(again.Id, Assert.Single(found.Read<Found>().Items).Id);
        Assert.Equal(HttpStatusCode.NotFound, (await auditor.GetAsync($"v1/messages/{erased.Id}/raw")).Status);
        Assert.Equal([2ul], KeyVersions());
    }

    private static async Task<Order> OrderAsync(Rest person) =>
        Assert.Single((await person.GetAsync("v1/erasures")).Read<Orders>().Items);

    /// <summary>Of all index files, by their headers (docs/formats/AMIX.md).</summary>
    private ulong[] KeyVersions()
    {
        var versions = new SortedSet<ulong>();
        foreach (var file in Directory.GetFiles(archive.Folder.Path, "*", SearchOption.AllDirectories))
        {
            if (file.Contains("/index/", StringComparison.Ordinal) && HeaderOf(file) is { } header
                && header.AsSpan().StartsWith("AMIX"u8))
                versions.Add(BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(8)));
        }
        return [.. versions];
    }

    /// <summary>Null when it has gone meanwhile.</summary>
    private static byte[]? HeaderOf(string file)
    {
        try
        {
            using var open = File.Open(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var header = new byte[16];
            return open.Read(header) == header.Length ? header : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private sealed record Order(
        string Id, string? ApprovedBy, DateTime? UnreadableAt, DateTime? FinalAt, string? Refusal);

    private sealed record Orders(Order[] Items);

    /// <summary>An archive whose day is about to end.</summary>
    public sealed class NearMidnight : EmbeddedArchive
    {
        public MovedClock Time { get; } = MovedClock.TenMinutesToMidnight();

        protected override TimeProvider Clock => Time;
    }

    /// <summary>Runs like the machine's, but shows another time of day.</summary>
    public sealed class MovedClock : TimeProvider
    {
        private long _offsetTicks;

        public static MovedClock TenMinutesToMidnight()
        {
            var now = System.GetUtcNow();
            var clock = new MovedClock();
            clock.Advance(new DateTimeOffset(now.Date, TimeSpan.Zero) - TimeSpan.FromMinutes(10) - now);
            return clock;
        }

        /// <summary>Of the last day of the month before.</summary>
        public static MovedClock TenMinutesToAMonthsEnd()
        {
            var now = System.GetUtcNow();
            var clock = new MovedClock();
            clock.Advance(new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero) - TimeSpan.FromMinutes(10) - now);
            return clock;
        }

        public void Advance(TimeSpan by) => Interlocked.Add(ref _offsetTicks, by.Ticks);

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));
    }
}
