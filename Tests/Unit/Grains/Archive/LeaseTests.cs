using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive;

/// <summary>A leased key is of use for its time and not a moment longer (threats.md, row 38 and "A lease ends").</summary>
public sealed class LeaseTests
{
    private static readonly RetentionPart Part = new(new TenantId(new Guid(1, 2, 3, new byte[8])), 1, 24_441);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void NearItsEnd_NothingNewStarts_ThenNothingAtAll()
    {
        using var lease = Lease(ttlSeconds: 3_600);
        _time.Advance(TimeSpan.FromSeconds(3_600 - 5 - 31));
        Assert.True(lease.MayStart);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(lease.MayStart);
        Assert.False(lease.Ended);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(lease.Ended);
    }

    [Fact]
    public void ShortLease_KeepsATenthForItsEnd()
    {
        using var lease = Lease(ttlSeconds: 10);
        _time.Advance(TimeSpan.FromSeconds(7.9));
        Assert.True(lease.MayStart);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.False(lease.MayStart);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(lease.Ended);
    }

    [Fact]
    public void Threat_38_EndedLease_GivesNoKey_AndTheSweepZeroesIt()
    {
        using var holder = new LeaseHolder(_time);
        var lease = Lease(ttlSeconds: 10);
        holder.Put(lease);
        var key = holder.IndexKey(Part)!.Key;
        Assert.False(key.IsDisposed);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(holder.IndexKey(Part));
        Assert.Equal(1, holder.Sweep());
        Assert.True(key.IsDisposed);
    }

    [Fact]
    public void Renewal_CountsFromTheMomentOfSending()
    {
        using var lease = Lease(ttlSeconds: 100);
        _time.Advance(TimeSpan.FromSeconds(40));
        var sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(10));
        lease.Extend(sent, Grant(100));
        _time.Advance(TimeSpan.FromSeconds(84.9));
        Assert.False(lease.Ended);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(lease.Ended);
    }

    [Fact]
    public void Threat_26_KeyOfAnotherTenant_IsNotFound()
    {
        using var holder = new LeaseHolder(_time);
        holder.Put(Lease(ttlSeconds: 100));
        Assert.Null(holder.IndexKey(Part with { Tenant = new(new Guid(9, 9, 9, new byte[8])) }));
        Assert.Null(holder.IndexKey(Part with { Epoch = Part.Epoch + 1 }));
    }

    [Fact]
    public void IngestLease_GivesEachLeafOnce_AndForgetsWhatIsCommitted()
    {
        using var ingest = Ingest();
        var first = ingest.TakeLeaf();
        var second = ingest.TakeLeaf();
        Assert.Equal((65_536u, 65_537u, 2u), (first, second, ingest.Used));
        ingest.LeafKey(first).Dispose();
        ingest.Forget([first]);
        Assert.Throws<InvalidOperationException>(() => ingest.LeafKey(first));
        ingest.LeafKey(second).Dispose();
    }

    [Fact]
    public void IngestLease_GivesTheKeysOfTheWholeTree()
    {
        using var tree = KeyTree.Create(SystemRandom.Instance);
        using var ingest = Ingest(tree);
        var leaf = ingest.TakeLeaf();
        using var mine = ingest.LeafKey(leaf);
        Assert.True(tree.TryLeaf(leaf, out var theirs));
        Assert.True(mine.Span.SequenceEqual(theirs.Span));
        theirs.Dispose();
    }

    [Fact]
    public void IngestLease_AfterItsEnd_GivesNoLeafKey()
    {
        using var ingest = Ingest();
        var leaf = ingest.TakeLeaf();
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.Throws<LeaseEndedException>(() => ingest.LeafKey(leaf));
        Assert.Throws<LeaseEndedException>(() => ingest.TagKey);
    }

    private IngestLease Ingest(KeyTree? tree = null)
    {
        using var own = tree is null ? KeyTree.Create(SystemRandom.Instance) : null;
        var node = (tree ?? own!).Subtree(65_536, 16);
        var lease = Lease(100, LeasePurpose.Ingest);
        lease.Take([new(LeasedKeyKind.Subtree, 0, Part.Class, Part.Epoch, 0, node.FirstLeaf, node.Depth, node.Key)]);
        return new(lease, Part);
    }

    private HeldLease Lease(int ttlSeconds, LeasePurpose purpose = LeasePurpose.Search)
    {
        var lease = new HeldLease(Guid.Parse("00000000000000000000000000000007"), purpose, 1, _time) { Tenant = Part.Tenant };
        lease.Extend(_time.GetTimestamp(), Grant(ttlSeconds));
        lease.Take(new[] { LeasedKeyKind.Ixk, LeasedKeyKind.Idk }.Select(kind =>
            new LeasedKey(kind, 1, Part.Class, Part.Epoch, 0, 0, 0, Secret.Random(SystemRandom.Instance))));
        return lease;
    }

    private static LeaseGrant Grant(int ttlSeconds) =>
        new(default, Part.Tenant.Value, "silo", LeasePurpose.Search, 0, ttlSeconds, ttlSeconds / 3, 86_400, [], LeaseSuite.X25519, [], []);
}
