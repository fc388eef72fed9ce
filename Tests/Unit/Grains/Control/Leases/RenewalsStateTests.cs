using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Leases;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.Leases;

/// <summary>What is small enough to be written apart from a tenant's keys, and what is not.</summary>
public sealed class RenewalsStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly LeaseTarget Part = new(1, 24_435, 0, []);
    private static readonly Guid Id = Guid.Parse("11111111-2222-4333-8444-555555555555");

    [Fact]
    public void Renewal_WithAReport_IsAllThereIs_AndReadsAsTheSame()
    {
        var stored = Reported(Granted(), used: 5, indexed: 2);
        var next = Reported(Renewed(stored), used: 9, indexed: 7);
        var renewals = RenewalsState.Between(stored, next);
        Assert.Equal((1, 1), (renewals!.Leases.Length, renewals.Subtrees.Length));
        Assert.Equal(next.Ledger.Find(Id), renewals.Over(stored).Ledger.Find(Id));
        Assert.Equal(Subtree(next), Subtree(renewals.Over(stored)));
        Assert.Same(stored, new RenewalsState().Over(stored));
    }

    [Fact]
    public void SecondRenewal_CountsFromWhatIsStored()
    {
        var stored = Granted();
        var once = RenewalsState.Between(stored, Renewed(stored))!.Over(stored);
        Assert.Single(RenewalsState.Between(stored, Renewed(once))!.Leases);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    public void FirstUsedOrIndexedLeaf_IsWrittenOffSite_SoThatACutLogIsKnownByIt(uint used, uint indexed) =>
        Assert.Null(RenewalsState.Between(Granted(), Reported(Granted(), used, indexed)));

    [Fact]
    public void KeysGrantsAndEnds_AreNoRenewals()
    {
        var stored = Granted();
        var ledger = stored.Ledger;
        Assert.Null(RenewalsState.Between(stored, stored with { TtlSeconds = 900 }));
        Assert.Null(RenewalsState.Between(stored, stored with { Keys = [new(1, 1, 0, [], 1, [], [])] }));
        Assert.Null(RenewalsState.Between(stored, stored with { Ledger = ledger.End(ledger.Find(Id)) }));
        Assert.Null(RenewalsState.Between(stored, stored with { Ledger = ledger.Allocate(Part, 4, Id) }));
        Assert.Null(RenewalsState.Between(stored, stored with { Ledger = ledger.EndPart(Part) }));
        Assert.Null(RenewalsState.Between(stored, stored with { Ledger = ledger with { Fence = 7 } }));
    }

    [Fact]
    public void OlderRenewals_NeverShortenALease_NorUndoAReport()
    {
        var stored = Reported(Granted(), 1, 1);
        var older = RenewalsState.Between(stored, Reported(Renewed(stored), 2, 2))!;
        var newer = Reported(Renewed(Renewed(stored)), 9, 9);
        Assert.Equal(newer.Ledger.Find(Id), older.Over(newer).Ledger.Find(Id));
        Assert.Equal(Subtree(newer), Subtree(older.Over(newer)));
    }

    [Fact]
    public void RenewalsOfWhatIsGone_ArePassedOver()
    {
        var stored = Reported(Granted(), 1, 1);
        var renewals = RenewalsState.Between(stored, Reported(Renewed(stored), 9, 9))!;
        var lease = stored.Ledger.Find(Id);
        var closed = stored with
        {
            Ledger = stored.Ledger.Close(lease, [Report(1, 1)], out _).End(lease),
        };
        Assert.Empty(renewals.Over(closed).Ledger.Leases);
        Assert.Equal(1u, Subtree(renewals.Over(closed)).Used);
    }

    private static LeaseState Granted() => new()
    {
        Tenant = Guid.Empty,
        Ledger = new LeaseLedger().Open(Id, Request, 3600, Now, null).Allocate(Part, 4, Id),
    };

    private static LeaseState Renewed(LeaseState state)
    {
        var lease = state.Ledger.Find(Id);
        return state with { Ledger = state.Ledger.Renew(lease, 3600, lease.ExpiresAt.AddMinutes(-40)) };
    }

    private static LeaseState Reported(LeaseState state, uint used, uint indexed) =>
        state with { Ledger = state.Ledger.Report(state.Ledger.Find(Id), [Report(used, indexed)]) };

    private static SubtreeAllocation Subtree(LeaseState state) => state.Ledger.Find(Part)!.Subtrees.Single();

    private static IngestReport Report(uint used, uint indexed) => new(Part.Class, Part.Epoch, 0, 0, used, indexed);

    private static LeaseRequest Request => new(
        "silo-1", 1, LeaseSuite.X25519, [], [], LeasePurpose.Ingest, Region.Eu, Guid.Empty, [], null, null, null, 3600, [],
        Now, []);
}
