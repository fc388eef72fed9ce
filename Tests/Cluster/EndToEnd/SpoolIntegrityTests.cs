using AMA.Archive.Ids;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>What two spool stores are for, and how a segment ends: archived, in Backup, and never back again.</summary>
public sealed class SpoolIntegrityTests
{
    [Fact]
    public async Task DamagedCopies_AreReadFromTheOtherStore_OrGoToQuarantine()
    {
        await using var archive = new SpoolArchive();
        await archive.InitializeAsync();
        var tenant = archive.Tenant;
        await archive.Operator.StatusAsync(); // signs in while Control is there
        await archive.LockAsync();
        var receipts = new List<string>();
        foreach (var word in new[] { "heil", "einseitig", "beidseitig", "fort", "dahinter" })
            receipts.AddRange(await tenant.SendAsync(Eml.Of(word, $"{word} wort")));
        // Unread they are nobody's: the region counts them, and the tenant only hears that there are some.
        var own = await tenant.Auditor.StatusAsync();
        Assert.Equal((0, 0, false), (own.Accepted, own.Spool.Entries, own.Spool.AllRead));
        Assert.Equal(5, (await archive.Operator.StatusAsync()).Spool.Entries);

        FlipAByte(archive.Segment("a", receipts[1]));
        FlipAByte(archive.Segment("a", receipts[2]));
        FlipAByte(archive.Segment("b", receipts[2]));
        File.Delete(archive.Segment("a", receipts[3]));
        File.Delete(archive.Segment("b", receipts[3]));
        await archive.Host.StartControlAsync();

        await tenant.Auditor.DrainedAsync(3);
        var subjects = (await tenant.Auditor.AllAsync()).Select(m => m.Subject);
        Assert.Equal(["dahinter", "einseitig", "heil"], subjects.Order());
        await QuarantinedAsync(archive, 1);
        Assert.Contains(archive.Log.Lines, line => line.StartsWith("Critical", StringComparison.Ordinal));
        // Both broken copies are kept: together they may still be mended.
        Assert.Equal(2, archive.Folder.Files("primary", "quarantine")
            .Count(file => file.EndsWith(".amq1", StringComparison.Ordinal)));

        // What is damaged and what is gone: the last one says that both were durable.
        await GapAsync(archive);
        Assert.True(archive.Log.Has("segment 4 is missing"));

        await archive.RestartAsync();
        await QuarantinedAsync(archive, 1);
        await GapAsync(archive);
        Assert.Empty((await tenant.Auditor.StatusAsync()).Alarms); // the region's, not a tenant's
    }

    /// <summary>Larger than what a store reads in one piece, and no segment: it must hold up nobody's mail.</summary>
    [Fact]
    public async Task LargeDamagedSegment_DoesNotHoldUpTheOthers()
    {
        await using var archive = new SpoolArchive();
        await archive.InitializeAsync();
        await archive.RestartAsync(() =>
        {
            foreach (var store in new[] { "a", "b" })
            {
                using var large = File.Create(archive.Segment(store, new DeliveryId(default, 0).ToString()));
                large.SetLength(80L << 20);
            }
        });
        await archive.Tenant.SendAsync(Eml.Of("behind it", "dahinter"));
        await archive.Tenant.FindAsync("dahinter");
        await QuarantinedAsync(archive, 1);
    }

    [Fact]
    public async Task SegmentThatComesBack_BringsNoMailBack()
    {
        await using var archive = new SpoolArchive();
        await archive.InitializeAsync();
        var tenant = archive.Tenant;
        await archive.LockAsync();
        var receipt = Assert.Single(await tenant.SendAsync(Eml.Of("once", "einmal wort")));
        var copy = await File.ReadAllBytesAsync(archive.Segment("a", receipt));
        await archive.Host.StartControlAsync();
        await tenant.Auditor.DrainedAsync(1);
        await archive.SpoolEmptyAsync();

        await archive.RestartAsync(() =>
        {
            File.WriteAllBytes(archive.Segment("a", receipt), copy);
            File.WriteAllBytes(archive.Segment("b", receipt), copy);
        });
        await archive.SpoolEmptyAsync(); // the mark says that it was done
        await tenant.SendAsync(Eml.Of("later", "spaeter"));
        var status = await tenant.Auditor.DrainedAsync(2);
        Assert.Equal((2, 0, 0), (status.Archived, status.Duplicates, status.Quarantined));
        Assert.Equal(1, (await tenant.Auditor.SearchAsync("einmal")).Total);
    }

    private static void FlipAByte(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 0x20;
        File.WriteAllBytes(file, bytes);
    }

    private static Task GapAsync(SpoolArchive archive) => WaitUntil.AnswerAsync(
        "the missing number to be told", archive.Operator.StatusAsync,
        status => status.Alarms is [{ Kind: "sequence-gap", Gateway.Length: 32, First: 3, Last: 4 }]);

    private static async Task QuarantinedAsync(SpoolArchive archive, int segments)
    {
        var region = await WaitUntil.AnswerAsync(
            $"{segments} in quarantine", archive.Operator.StatusAsync,
            s => s.Quarantined == segments && s.Spool.IsEmpty);
        Assert.True(region.AddUp, region.ToString());
    }

    private sealed class SpoolArchive : ShortLeaseArchive
    {
        public Tenant Tenant { get; private set; } = null!;

        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            Tenant = await CreateTenantAsync("nordwind");
        }

        /// <summary>From here on mail waits unread: Control is away and the queue's key is forgotten.</summary>
        public async Task LockAsync()
        {
            await Host.StopControlAsync();
            await WaitUntil.TrueAsync("the queue's key to be forgotten", () => Log.Has("The spool waits"));
        }
    }
}
