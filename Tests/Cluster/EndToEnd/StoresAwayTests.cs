using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>A store that is gone for a while stops what needs it, and nothing else; then all is as it was.</summary>
public sealed class StoresAwayTests(TenantArchive archive) : IClassFixture<TenantArchive>
{
    private Tenant Tenant => archive.Tenant;

    /// <summary>One copy is not durable enough for a 250: the sender keeps the message and comes again.</summary>
    [Theory]
    [InlineData("spool/a")]
    [InlineData("spool/b")]
    public async Task Threat_12_SpoolStoreAway_AnswersTransient(string store)
    {
        var accepted = (await Tenant.Auditor.StatusAsync()).Accepted;
        var message = Eml.Of($"without {store}", $"ohne{store[^1]}");
        await using var session = await archive.ConnectAsync();
        using (archive.TakeAway(store))
        {
            var refused = await session.SendAsync(
                RunningArchive.Sender, [Tenant.Journal], message, CancellationToken.None);
            Assert.True(refused.Transient, refused.ToString());
        }
        var again = await WaitUntil.AnswerAsync("250", () => session.SendAsync(
            RunningArchive.Sender, [Tenant.Journal], message, CancellationToken.None), reply => reply.Accepted);
        await Tenant.FindAsync($"ohne{store[^1]}");
        var status = await WaitUntil.AnswerAsync(
            "all archived", Tenant.Auditor.StatusAsync, s => s.Spool.IsEmpty && s.Accepted > accepted);
        Assert.Equal(1, (await Tenant.Auditor.SearchAsync($"ohne{store[^1]}")).Total);
        Assert.True(status.AddUp && again.Text.Length > 0, status.ToString());
    }

    [Fact]
    public async Task PrimaryAway_MailIsAccepted_AndArchivedOnceWhenItIsBack()
    {
        var before = await Tenant.Auditor.StatusAsync();
        string[] receipts;
        using (archive.TakeAway("primary"))
        {
            receipts = await Tenant.SendAsync(
                [.. Enumerable.Range(0, 10).Select(i => Eml.Of($"without primary {i}", "ohneprimaer"))]);
            await WaitUntil.TrueAsync(
                "a try that failed", () => archive.Log.Has(" wait: ") || archive.Log.Has(" waits: "));
        }
        var status = await Tenant.Auditor.DrainedAsync(before.Accepted + receipts.Length);

        Assert.Equal((before.Archived + 10, before.Duplicates), (status.Archived, status.Duplicates));
        Assert.Equal(10, (await Tenant.Auditor.SearchAsync("ohneprimaer")).Total);
        await archive.SpoolEmptyAsync();
    }

    [Fact]
    public async Task BackupAway_MailIsFound_AndStaysInTheSpoolUntilBackupIsBack()
    {
        var accepted = (await Tenant.Auditor.StatusAsync()).Accepted;
        await archive.SpoolEmptyAsync();
        string receipt;
        using (archive.TakeAway("backup"))
        {
            receipt = Assert.Single(await Tenant.SendAsync(Eml.Of("without backup", "ohnebackup")));
            await Tenant.FindAsync("ohnebackup");
            await WaitUntil.TrueAsync("a warning", () => archive.Log.Has("Backup has batches below"));
            await Tenant.Auditor.DrainedAsync(accepted + 1);
            Assert.True(File.Exists(archive.Segment("a", receipt)) && File.Exists(archive.Segment("b", receipt)));
        }
        await archive.SpoolEmptyAsync();
        await archive.BackupLevelAsync();
    }

    /// <summary>A stop while Backup is away: the next start goes on from there, and archives nothing twice.</summary>
    [Fact]
    public async Task BackupAwayAcrossARestart_NothingIsDoubled()
    {
        var before = await Tenant.Auditor.StatusAsync();
        await archive.SpoolEmptyAsync();
        var away = archive.TakeAway("backup");
        await Tenant.SendAsync(Eml.Of("while", "waehrend"), Eml.Of("while 2", "waehrend"));
        await Tenant.Auditor.DrainedAsync(before.Accepted + 2);

        await archive.RestartAsync(away.Dispose);
        await archive.SpoolEmptyAsync();
        var status = await Tenant.Auditor.DrainedAsync(before.Accepted + 2);
        Assert.Equal((before.Archived + 2, before.Duplicates), (status.Archived, status.Duplicates));
        await archive.BackupLevelAsync();
    }
}
