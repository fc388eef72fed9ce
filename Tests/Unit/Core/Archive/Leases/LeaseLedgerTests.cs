using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Leases;

public class LeaseLedgerTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly LeaseTarget Part = new(1, 24_435, 0, []);
    private static readonly SeededRandom Random = new(41);

    [Fact]
    public void Subtrees_NeverOverlap_WhateverTheirSizes()
    {
        var sizes = new[] { 4, 4, 8, 2, 16, 1, 5 };
        var ledger = sizes.Aggregate(new LeaseLedger(), (next, size) => next.Allocate(Part, size, Guid.Empty));

        var subtrees = ledger.Find(Part)!.Subtrees;
        Assert.All(subtrees.Zip(subtrees.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.FirstLeaf));
        Assert.All(subtrees, subtree => Assert.Equal(0u, subtree.FirstLeaf % subtree.Leaves));
    }

    [Fact]
    public void UsedUpTree_IsUnavailable_AndLosesNothing()
    {
        var ledger = new LeaseLedger();
        for (var i = 0; i < 16; i++) ledger = ledger.Allocate(Part, 24, Guid.Empty); // all until Control is restored
        Assert.Equal(0x0F00_0000u, ledger.Find(Part)!.Subtrees[^1].FirstLeaf);
        Refused(LeaseRefusal.Unavailable, () => ledger.Allocate(Part, 24, Guid.Empty));
        Refused(LeaseRefusal.Unavailable, () => ledger.Allocate(Part, 0, Guid.Empty));
    }

    [Fact]
    public void Parts_HaveTheirOwnLeaves()
    {
        var other = Part with { Epoch = Part.Epoch + 1 };
        var ledger = new LeaseLedger().Allocate(Part, 4, Guid.Empty).Allocate(other, 4, Guid.Empty);
        Assert.Equal(0u, ledger.Find(other)!.Subtrees.Single().FirstLeaf);
        Refused(LeaseRefusal.NotFound, () => ledger.CheckLeaves(other with { Generation = 1, Leaves = [0] }, false));
    }

    [Fact]
    public void SubtreesOfAReseal_AreFreeAboveWhatWasMovedThere_AndAWritersAreNot()
    {
        var ledger = new LeaseLedger().Allocate(Part, 3, Guid.Empty).Allocate(Part, 2, Guid.Empty, forReseal: true)
            .Allocate(Part, 2, Guid.Empty, forReseal: true).Allocate(Part, 1, Guid.Empty, forReseal: true);
        ledger = ledger.Spend(Part, [8, 10, 1, 16, 17]).CloseReseal(Part, out var freed);
        Assert.Equal([new(11, 1), new LeafRange(12, 4)], freed);
        Assert.Equal([false, true, true, true], ledger.Find(Part)!.Subtrees.Select(subtree => subtree.Closed));
        Assert.Equal(0u, ledger.Find(Part)!.Subtrees[0].Used);
        ledger.CloseReseal(Part, out freed);
        Assert.Empty(freed);
    }

    [Fact]
    public void Leaves_MustHaveBeenGivenOut()
    {
        var ledger = new LeaseLedger().Allocate(Part, 4, Guid.Empty);
        ledger.CheckLeaves(Part with { Leaves = [0, 15] }, false);
        Refused(LeaseRefusal.NotFound, () => ledger.CheckLeaves(Part with { Leaves = [0, 16] }, false));
    }

    [Fact]
    public void Reports_OnlyGrow()
    {
        var (ledger, lease) = Ingesting();
        ledger = ledger.Report(lease, [Report(used: 10, indexed: 8)]).Report(lease, [Report(used: 9, indexed: 3)]);
        var subtree = ledger.Find(Part)!.Subtrees.Single();
        Assert.Equal((10u, 8u), (subtree.Used, subtree.Indexed));
        ledger.CheckLeaves(Part with { Leaves = [8] }, onlyUnindexed: true);
        Refused(LeaseRefusal.NotAuthorised, () => ledger.CheckLeaves(Part with { Leaves = [7] }, onlyUnindexed: true));
    }

    [Fact]
    public void ReportsBeyondTheSubtree_OrOfNone_AreRefused()
    {
        var (ledger, lease) = Ingesting();
        Refused(LeaseRefusal.Invalid, () => ledger.Report(lease, [Report(17, 0)]));
        Refused(LeaseRefusal.Invalid, () => ledger.Report(lease, [Report(3, 4)]));
        Refused(LeaseRefusal.NotFound, () => ledger.Report(lease, [Report(1, 1) with { FirstLeaf = 16 }]));
        Refused(LeaseRefusal.NotFound, () => ledger.Report(lease, [Report(1, 1) with { Epoch = 1 }]));
    }

    [Fact]
    public void Close_FreesWhatLiesAboveTheUsedLeaves_Once()
    {
        var (ledger, lease) = Ingesting();
        var reports = new[] { Report(10, 10) };
        var closed = ledger.Report(lease, reports).Close(lease, reports, out var freed);
        Assert.Equal((10u, 6u), (freed.Single().FirstLeaf, freed.Single().Count));
        closed.Close(lease, reports, out var again);
        Assert.Empty(again);
        Refused(LeaseRefusal.Invalid, () => closed.Report(lease, [Report(11, 0)])); // those leaves are gone
    }

    [Fact]
    public void Close_OfAFullSubtree_FreesNothing()
    {
        var (ledger, lease) = Ingesting();
        ledger.Report(lease, [Report(16, 0)]).Close(lease, [Report(16, 0)], out var freed);
        Assert.Empty(freed);
    }

    [Fact]
    public void NewestWriter_ReportsForTheDead_ButClosesNothingOfTheirs()
    {
        var (ledger, _) = Ingesting();
        var (next, newest) = Open(ledger, "silo-2");
        next = next.Report(newest, [Report(5, 5)]).Close(newest, [Report(5, 5)], out var freed);
        Assert.Empty(freed);
        Assert.Equal((5u, false), (next.Find(Part)!.Subtrees.Single().Used, next.Find(Part)!.Subtrees.Single().Closed));
    }

    [Fact]
    public void OlderWriter_ReportsItsOwnOnly()
    {
        var (ledger, older) = Ingesting();
        (ledger, var newest) = Open(ledger, "silo-2");
        ledger = ledger.Allocate(Part, 4, newest.Id);
        ledger.Report(older, [Report(5, 5)]);
        Refused(LeaseRefusal.NotAuthorised, () => ledger.Report(older, [Report(1, 1) with { FirstLeaf = 16 }]));
    }

    [Fact]
    public void Fence_GrowsWithEveryWriter_AndOldOnesAreBehind()
    {
        var (ledger, first) = Ingesting();
        Assert.Equal(1ul, first.Fence);
        (ledger, var second) = Open(ledger, "silo-2");
        Assert.Equal((2ul, 2ul), (second.Fence, ledger.Fence));
        Refused(LeaseRefusal.NotAuthorised, () => ledger.Live(Named(first), Now));
        Assert.Equal(second, ledger.Live(Named(second), Now));
        Assert.Equal(first, ledger.Own(Named(first))); // it may still be given back
        Assert.Equal(3ul, Open(ledger.End(second), "silo-1").Lease.Fence);
    }

    [Fact]
    public void SeveralLeasesOfOneStart_AreOneWriter()
    {
        var (ledger, first) = Ingesting();
        (ledger, _) = Open(ledger, "silo-1");
        Assert.Equal(first, ledger.Live(Named(first), Now));
    }

    [Fact]
    public void ForeignLeases_CannotBeNamed()
    {
        var (ledger, lease) = Ingesting();
        Refused(LeaseRefusal.NotAuthorised, () => ledger.Own(Named(lease) with { SiloId = "silo-2" }));
        Refused(LeaseRefusal.NotAuthorised, () => ledger.Own(Named(lease) with { Incarnation = 2 }));
        Refused(LeaseRefusal.NotAuthorised, () => ledger.Own(Named(lease) with { Purpose = LeasePurpose.Maintain }));
        Refused(LeaseRefusal.NotFound, () => ledger.Own(Named(lease) with { LeaseId = Guid.Empty }));
    }

    [Fact]
    public void DeadLeases_AreForgottenAfterADay_AndCountedUntilThen()
    {
        var ledger = new LeaseLedger();
        for (var i = 0; i < LeaseLedger.LeasesMax; i++) ledger = Open(ledger, $"silo-{i}").Ledger;
        Refused(LeaseRefusal.Unavailable, () => Open(ledger, "silo-1"));
        var later = ledger.Open(Random.NextId(), Request("silo-1"), 3600, Now.AddSeconds(3600).AddDays(1), null);
        Assert.Single(later.Leases);
        Assert.Equal((ulong)LeaseLedger.LeasesMax + 1, later.Fence);
    }

    /// <summary>An audit store that is away, or a slow answer, must cost minutes and not the rest of the hour.</summary>
    [Fact]
    public void LostAnswers_TakeEachOthersPlaces_AndNeverThoseOfLeasesThatAreUsed()
    {
        var (ledger, used) = Ingesting();
        ledger = ledger.Renew(used, 3600, Now);
        for (var i = 0; i < 10 * LeaseLimits.LeasesPerSiloMax; i++) ledger = Open(ledger, "silo-1").Ledger;
        Assert.Equal(1 + LeaseLedger.UnheardMax, ledger.Leases.Length);
        Assert.True(ledger.Find(used.Id).Heard);
        Assert.Equal(ledger.Fence, ledger.Leases[^1].Fence);
    }

    [Fact]
    public void LeasesThatAreUsed_CountAgainstTheirStart_AndNotAgainstTheNextOne()
    {
        var ledger = new LeaseLedger();
        for (var i = 0; i < LeaseLimits.LeasesPerSiloMax; i++)
        {
            (ledger, var lease) = Open(ledger, "silo-1");
            ledger = ledger.Renew(lease, 3600, Now);
        }
        Refused(LeaseRefusal.Unavailable, () => Open(ledger, "silo-1"));
        var next = Request("silo-1") with { Incarnation = 2 };
        Assert.Equal(2, ledger.Open(Random.NextId(), next, 3600, Now, null).Leases[^1].Incarnation);
    }

    [Fact]
    public void OtherParts_AreOtherLeases()
    {
        var ledger = new LeaseLedger();
        for (var i = 0; i < 100; i++)
            ledger = ledger.Open(
                Random.NextId(), Request("silo-1") with { Targets = [Part with { Epoch = (uint)i }] }, 3600, Now, null);
        Assert.Equal(100, ledger.Leases.Length);
    }

    [Fact]
    public void Subtrees_ShrinkWhereLittleIsWritten_AndGrowWhereMuchIs()
    {
        var (part, sizes) = (PartLedger.Empty(1, 24_435, 0), new List<int>());
        uint[] used = [5, 0, 5, 0, 8192, 32_768, 60_000, 60_000, 20_000, 0];
        foreach (var leaves in used)
        {
            sizes.Add(part.NextLeavesLog2(16));
            part = part.Allocate(sizes[^1], Guid.Empty);
            part = part.Replace(part.Subtrees[^1] with { Used = leaves });
        }
        Assert.Equal([16, 14, 13, 13, 13, 15, 16, 16, 16, 16], sizes);
        Assert.Equal(3, part.NextLeavesLog2(3)); // a setting below the least
    }

    /// <summary>
    /// Whatever is lost or dies in between: crashes here are answers that never came, or came and were never heard of.
    /// </summary>
    [Fact]
    public void NoLeafIsGivenTwice_HoweverLeasesEnd()
    {
        const int Seed = 4711;
        var chance = new System.Random(Seed);
        var (ledger, given) = (new LeaseLedger(), new HashSet<uint>());
        for (var i = 0; i < 2_000; i++)
        {
            (ledger, var lease) = Open(ledger, $"silo-{chance.Next(3)}");
            var size = ledger.Find(Part)?.NextLeavesLog2(16) ?? 16;
            ledger = ledger.Allocate(Part, size, lease.Id);
            var subtree = ledger.Find(Part)!.Subtrees[^1];
            Assert.True(given.Add(subtree.FirstLeaf), $"seed {Seed}, grant {i}");
            Assert.All(ledger.Find(Part)!.Subtrees[..^1].TakeLast(1), one => Assert.True(one.End <= subtree.FirstLeaf));
            if (chance.Next(2) == 0) continue; // lost, or its silo died
            var report = Report((uint)chance.Next((int)subtree.Leaves + 1), 0) with { FirstLeaf = subtree.FirstLeaf };
            ledger = ledger.Report(lease, [report]).Close(lease, [report], out _).End(lease);
        }
    }

    private static (LeaseLedger Ledger, LeaseEntry Lease) Ingesting()
    {
        var (ledger, lease) = Open(new LeaseLedger(), "silo-1");
        return (ledger.Allocate(Part, 4, lease.Id), lease);
    }

    private static (LeaseLedger Ledger, LeaseEntry Lease) Open(LeaseLedger ledger, string silo)
    {
        var id = Random.NextId();
        var next = ledger.Open(id, Request(silo), 3600, Now, null);
        return (next, next.Find(id));
    }

    private static LeaseRequest Named(LeaseEntry lease) => Request(lease.Silo) with { LeaseId = lease.Id };

    private static LeaseRequest Request(string silo) => new(
        silo, 1, LeaseSuite.X25519, [], [], LeasePurpose.Ingest, Region.Eu, Guid.Empty, [], null, null, null, 3600, [], Now,
        []);

    private static IngestReport Report(uint used, uint indexed) => new(Part.Class, Part.Epoch, 0, 0, used, indexed);

    private static void Refused(LeaseRefusal refusal, Action act) =>
        Assert.Equal(refusal, Assert.Throws<LeaseRefusedException>(act).Refusal);
}
