using System.Net;
using System.Text;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>What a stop leaves behind is all there is: a second start finds everything again.</summary>
public sealed class RestartTests
{
    private const int Messages = 40;
    private const int Copies = 5;

    [Fact]
    public async Task SecondStart_FindsEverything_WithTheSameCounters()
    {
        await using var world = await StartedAsync();
        await world.SameAfterRestartAsync(() => { });
        await world.Archive.Tenant.SendAsync(Eml.Of("after the restart", "danach"), Message(0));
        await world.Archive.Tenant.FindAsync("danach");
        var status = await world.Archive.Tenant.Auditor.DrainedAsync(Messages + Copies + 2);
        // Content decides what is the same, also across a restart.
        Assert.Equal((Messages + 1, Copies + 1), (status.Archived, status.Duplicates));
    }

    /// <summary>The snapshot saves time only: lost, damaged or older, the log says the same.</summary>
    [Fact]
    public async Task Snapshot_LostDamagedOrOlder_ChangesNothing()
    {
        await using var world = await StartedAsync();
        await world.SameAfterRestartAsync(world.DeleteSnapshots);
        await world.SameAfterRestartAsync(() => File.WriteAllText(world.Snapshots().Single(), "{ \"NextBatch\": 3, "));
        var older = await File.ReadAllBytesAsync(world.Snapshots().Single());
        await world.Archive.Tenant.SendAsync(Eml.Of("younger than the snapshot", "juenger"), Message(1));
        await world.Archive.Tenant.Auditor.DrainedAsync(Messages + Copies + 2);
        await world.RememberAsync();

        await world.SameAfterRestartAsync(() =>
        {
            Assert.NotEqual(older, File.ReadAllBytes(world.Snapshots().Single()));
            File.WriteAllBytes(world.Snapshots().Single(), older);
        });
        await world.Archive.Tenant.FindAsync("juenger");
    }

    /// <summary>
    /// An index that is gone is said to be gone until it is whole again: an answer that lacks mail must never look
    /// like an answer.
    /// </summary>
    [Fact]
    public async Task LostIndex_IsNeverAnsweredFrom()
    {
        await using var world = await StartedAsync();
        var index = world.Archive.Folder.At("local", "index");
        await world.Archive.RestartAsync(() => Directory.Delete(index, recursive: true));
        await NeverLessAsync(world.Archive.Tenant.Auditor);
        // Nor when nobody knows any more how far the index was.
        await world.Archive.RestartAsync(() =>
        {
            Directory.Delete(index, recursive: true);
            world.DeleteSnapshots();
        });
        await NeverLessAsync(world.Archive.Tenant.Auditor);
        var status = await world.Archive.Tenant.Auditor.StatusAsync();
        Assert.Equal((Messages, Copies), (status.Archived, status.Duplicates));
    }

    private static async Task NeverLessAsync(Rest auditor)
    {
        for (var asked = 0; asked < 20; asked++)
        {
            var answer = await auditor.GetAsync(Rest.SearchPath(""));
            if (answer.Status is HttpStatusCode.OK) Assert.Equal(Messages, answer.Read<Found>().Total);
            else Assert.True(answer.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Locked, answer.Text);
        }
    }

    private static byte[] Message(int number) => Eml.Of($"number {number}", $"inhalt nummer{number} immer");

    private static async Task<World> StartedAsync()
    {
        var world = new World();
        await world.Archive.InitializeAsync();
        byte[][] messages = [.. Enumerable.Range(0, Messages).Select(Message)];
        await world.Archive.Tenant.SendAsync([.. messages, .. messages.Take(Copies)]);
        await world.Archive.Tenant.Auditor.DrainedAsync(Messages + Copies);
        await world.RememberAsync();
        return world;
    }

    private sealed class World : IAsyncDisposable
    {
        private (long, long, long, long, long, long) _counters;
        private string[] _listed = [];
        private ShownCounts[] _sources = [];

        public TenantArchive Archive { get; } = new();

        public string[] Snapshots() =>
            [.. Archive.Folder.Files("primary", "state").Where(file => file.EndsWith("snapshot.json", StringComparison.Ordinal))];

        public void DeleteSnapshots()
        {
            Assert.NotEmpty(Snapshots());
            foreach (var file in Snapshots()) File.Delete(file);
        }

        public async Task RememberAsync()
        {
            _counters = (await Archive.Tenant.Auditor.StatusAsync()).Lasting;
            _listed = await ListAsync();
            _sources = await SourcesAsync();
            Assert.Equal((_counters.Item2, _counters.Item3), (_sources.Sum(s => s.Archived), _sources.Sum(s => s.Duplicates)));
        }

        private Task<ShownCounts[]> SourcesAsync() => Archive.Tenant.Auditor.SourceCountsAsync("nordwind");

        public async Task SameAfterRestartAsync(Action whileStopped)
        {
            await Archive.RestartAsync(whileStopped);
            var listed = await WaitUntil.AnswerAsync("an answer", ListAsync, _ => true);
            Assert.Equal(_listed, listed); // the first answer, not the first good one
            var counters = await WaitUntil.AnswerAsync(
                $"the counters {_counters}", Archive.Tenant.Auditor.StatusAsync, s => s.Lasting == _counters);
            Assert.True(counters.AddUp);
            Assert.Equal(_sources, await SourcesAsync());
            var sample = listed.Where(line => line.Contains(" number ")).ElementAt(Messages / 2).Split(' ')[0];
            Assert.Contains("immer", Encoding.UTF8.GetString(await Archive.Tenant.Auditor.RawAsync(sample)));
        }

        public ValueTask DisposeAsync() => Archive.DisposeAsync();

        private async Task<string[]> ListAsync() =>
        [
            .. (await Archive.Tenant.Auditor.AllAsync())
                .Select(item => $"{item.Id} {item.Subject} {item.ReceivedAt:O}"),
        ];
    }
}

/// <summary>An archive with one tenant.</summary>
public class TenantArchive : EmbeddedArchive
{
    public Tenant Tenant { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Tenant = await CreateTenantAsync("nordwind");
    }
}
