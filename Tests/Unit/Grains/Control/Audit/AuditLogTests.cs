using System.Text;
using AMA.Archive.Log.Merkle;
using AMA.Grains.Control.Audit;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.Audit;

public class AuditLogTests
{
    [Fact]
    public async Task NewestMark_SurvivesEveryStart()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        for (var generation = 1; generation <= 5; generation++)
        {
            await log.AppendAsync(Marked("a-state", generation), null);
            await log.AppendAsync(Marked("another", 100 - generation), null);
            log = await world.ReopenAsync(log);
            Assert.Equal(generation, log.MarkOf("a-state")!.Generation);
            Assert.Equal(100 - generation, log.MarkOf("another")!.Generation); // the last one counts, not the greatest
            Assert.Null(log.MarkOf("unknown"));
        }
        await world.StopAsync(log);
    }

    [Fact]
    public async Task MarksOnOtherActsEntries_MayComeInAnyOrder()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await log.AppendAsync(Marked("a-state", 8, AuditAct.SignIn), null);
        await log.AppendAsync(Marked("a-state", 7, AuditAct.SignIn), null);
        Assert.Equal(8, log.MarkOf("a-state")!.Generation);
        await log.AppendAsync(Marked("a-state", 9, AuditAct.SignIn), null);
        Assert.Equal(9, log.MarkOf("a-state")!.Generation);
        await world.StopAsync(log);
    }

    [Fact]
    public async Task NewestMark_SurvivesAKill_WithoutAHead()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await log.AppendAsync(Marked("a-state", 7), null);
        await world.DriveUntilAsync(() => log.Sinks.All.All(sink => sink.Next == 1));

        var next = await world.OpenAsync();
        Assert.Equal(7, next.MarkOf("a-state")!.Generation);
        await world.StopAsync(next);
    }

    [Fact]
    public async Task Start_ReadsTheEndOnly()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 400);
        await world.StopAsync(log);
        world.Clock.Advance(TimeSpan.FromHours(1));
        log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 400, 3);
        await world.DriveUntilAsync(() => log.Sinks.All.All(sink => sink.Next == 403));

        var before = world.A.Gets;
        var next = await world.OpenAsync();
        Assert.InRange(world.A.Gets - before, 1, 20);
        Assert.Equal(403, next.Memory.Entries);
        await world.StopAsync(next);
    }

    [Fact]
    public async Task Nonce_IsRefusedAgainAfterAStart_UntilItsReplayIsTooOld()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        var nonce = new byte[32];
        Assert.True(await log.AppendAsync(AuditWorld.Entry("first"), nonce));
        Assert.False(await log.AppendAsync(AuditWorld.Entry("again"), nonce));
        log = await world.ReopenAsync(log); // the head covers the batch; the window reaches behind it
        Assert.False(await log.AppendAsync(AuditWorld.Entry("again"), nonce));
        await world.StopAsync(log);
        world.Clock.Advance(NonceWindow.Length + TimeSpan.FromSeconds(1));
        log = await world.OpenAsync();
        Assert.False(log.Seen(nonce));
        await world.StopAsync(log);
    }

    [Fact]
    public async Task EveryEntry_IsProvedToTheSignedRoot_AlsoAfterAStart()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 600);
        log = await world.ReopenAsync(log);
        var lines = new List<AuditLine>();
        using var keys = world.Keys();
        for (var number = 0ul; number < log.Sinks.Durable; number++)
            lines.AddRange(keys.OpenBatch((await log.Sinks.BatchAsync(number, AuditSink.QuietMax)).Span).Lines);

        Assert.True(Checkpoint.TryVerify(
            await log.Checkpoints.NewestAsync(), "ama.example/eu/control-audit", world.SigningKey, out var signed));
        Assert.Equal(600, signed.Size);
        var tree = log.Memory.Tree();
        foreach (var index in new[] { 0, 1, 255, 256, 511, 512, 599 })
        {
            var proof = await tree.ProveLeafAsync(index, 600, log.Checkpoints.ReadTileAsync, default);
            Assert.True(MerkleProofs.IncludesLeaf(lines[index].LeafHash(), index, 600, proof, signed.Root));
        }
        await world.StopAsync(log);
    }

    [Fact]
    public async Task Checkpoint_IsSignedWithinTenMinutes_AndOnlyWhenThereIsNews()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 2);
        const string Note = "checkpoint/00000000000002.note";
        bool IsKept() => world.OffsiteNames().Count == 1 && world.A.Has(Note) && world.B.Has(Note);
        for (var step = 0; step < 60 && !IsKept(); step++)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(10));
            await world.SettleAsync();
        }
        Assert.True(IsKept());
        Assert.InRange(world.Clock.GetUtcNow() - Beginning, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        await world.StopAsync(log);
        Assert.Equal([Note], world.OffsiteNames());
    }

    [Fact]
    public async Task Threat_37_BothStoresPutBack_AreRefused_AndTheNewerOnesAreNot()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 3);
        await world.StopAsync(log);
        var (oldA, oldB) = (await world.A.CopyAsync(), await world.B.CopyAsync());
        log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 3, 1);
        log = await world.ReopenAsync(log);
        await world.StopAsync(log);

        (world.A, world.B) = (oldA, oldB);
        var refused = await Assert.ThrowsAsync<AuditDamageException>(world.OpenAsync);
        Assert.Contains("does not contain the 4", refused.Message);
    }

    [Fact]
    public async Task Threat_37_BothStoresLost_TheLogGoesOnFromOffSite()
    {
        using var world = new AuditWorld { Copy = new() };
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 300);
        await world.DriveUntilAsync(() => world.Copy.Names.Count() == 300); // nobody waits for it otherwise
        await world.StopAsync(log);
        (world.A, world.B) = (new(world.Clock), new(world.Clock));
        await Assert.ThrowsAsync<AuditDamageException>(world.OpenAsync); // no new log beside the old one's copy
        Assert.True(await AuditRestore.RunAsync(world.Stores, began: 0, default));
        Assert.True(await AuditRestore.RunAsync(world.Stores, began: 7, default)); // a store has it

        log = await world.OpenAsync();
        Assert.Equal(300, log.Memory.Entries);
        await AuditWorld.AppendManyAsync(log, 300, 1);
        await world.DriveUntilAsync(() => world.Copy.Names.Count() == 301);
        await world.StopAsync(log);
        Assert.Equal(301, (await world.PersonsAsync(world.B)).Count);
    }

    [Fact]
    public async Task CopyOffSite_HoldsNothingUp_AndCatchesUp()
    {
        using var world = new AuditWorld { Copy = new() };
        var log = await world.OpenAsync();
        world.Copy.Faults = (operation, _) => operation == BlobOperation.Put ? BlobFault.Before : BlobFault.None;
        await AuditWorld.AppendManyAsync(log, 3);
        Assert.Empty(world.Copy.Names);
        world.Copy.Faults = (_, _) => BlobFault.None;
        await world.DriveUntilAsync(() => world.Copy.Names.Count() == 3);
        await world.StopAsync(log);
    }

    [Fact]
    public async Task Threat_37_AnotherHistoryOfTheSameLength_IsRefused()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 3);
        await world.StopAsync(log);
        var offsite = world.Offsite;

        (world.A, world.B, world.Offsite) = (new(world.Clock), new(world.Clock), new());
        log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 7, 5);
        await world.StopAsync(log);
        world.Offsite = offsite;
        foreach (var head in new[] { "head/000000000005.amch" })
        {
            await world.A.DeleteAsync(head, default);
            await world.B.DeleteAsync(head, default);
        }
        await Assert.ThrowsAsync<AuditDamageException>(world.OpenAsync);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(100)]
    public async Task AlteredBatch_EndsTheStart(int at)
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 3);
        await world.DriveUntilAsync(() => log.Sinks.All.All(sink => sink.Next == 3));
        foreach (var store in new[] { world.A, world.B })
        {
            var blob = (await store.GetAsync(AuditBatch.NameOf(1), default))!;
            var altered = blob.Content.ToArray();
            altered[at] ^= 1;
            await store.PutIfMatchAsync(AuditBatch.NameOf(1), altered, blob.ETag, default);
        }
        await Assert.ThrowsAsync<AuditDamageException>(world.OpenAsync);
    }

    [Fact]
    public async Task EntryOfALaterVersion_IsReadAndProvedAsItStands()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        var later = Encoding.UTF8.GetBytes(
            """{"act":"moon-landing","granted":true,"time":"2026-03-04T05:06:07+00:00","purpose":"fly","crew":3}""");
        await log.AppendAsync(later, null);
        log = await world.ReopenAsync(log);
        using var keys = world.Keys();
        var line = keys.OpenBatch((await log.Sinks.BatchAsync(0, AuditSink.QuietMax)).Span).Lines[0];
        Assert.Equal(later, line.Entry);
        Assert.Equal(AuditAct.Unknown, AuditEntry.Decode(line.Entry).Act);
        await world.StopAsync(log);
    }

    private static readonly DateTimeOffset Beginning = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private static byte[] Marked(string name, long generation, AuditAct act = AuditAct.StateWrite) =>
        new AuditEntry(act, true, DateTimeOffset.UnixEpoch)
        {
            Mark = new(name, generation, new byte[32]),
        }.Encode();
}
