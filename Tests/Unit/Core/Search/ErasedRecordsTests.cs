using AMA.Search;
using AMA.Search.Documents;
using AMA.Search.Query;
using AMA.Search.Sealed;
using Xunit;
using static AMA.Tests.Unit.Core.Search.IndexBench;

namespace AMA.Tests.Unit.Core.Search;

/// <summary>What is erased leaves the index: at once for every question, and with the next key for good.</summary>
public sealed class ErasedRecordsTests : IDisposable
{
    private readonly IndexBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void ErasedRecord_IsFoundByNothing_AndTheOthersAre()
    {
        using var index = _bench.OpenWith(Entry(1, text: "word"), Entry(2, text: "word"), Entry(3));
        index.AddDelivery(new(Id(2), Delivery(7, "x@example.org", ["seven@example.org"])));
        index.Refresh();
        index.Erase([Id(2)]);
        index.Refresh();

        Assert.Equal([1], Ask(index, "word"));
        Assert.Equal([3, 1], Ask(index, ""));
        Assert.Empty(Ask(index, "to:seven@example.org"));
        Assert.Equal(2, index.Count);
        Assert.Null(index.Find(Id(2), Visibility.All));
        Assert.Equal([true, false], index.FindByTags([Tag(1), Tag(2)]).Select(found => found is not null));
    }

    [Fact]
    public void RecordSealedAnew_TakesThePlaceOfTheOldOne_AndSoDoesADelivery()
    {
        using var index = _bench.OpenWith(Entry(1, text: "word"), Entry(2, text: "word"));
        var (seven, eight) = (Delivery(7, "x@example.org", ["seven@example.org"]), Delivery(8, "x@example.org", ["eight@example.org"]));
        index.AddDelivery(new(Id(2), seven));
        index.AddDelivery(new(Id(2), eight));
        index.Refresh();
        var place = new RecordPlace(Guid.Parse("11111111-2222-4333-8444-555555555555"), 3, 77, 1);
        var entry = Entry(2, text: "word");
        index.Replace(entry with { First = entry.First with { Place = place } });
        index.ReplaceDelivery(new(Id(2), seven with { Place = place }));
        index.Refresh();

        var found = index.Find(Id(2), Visibility.All)!;
        Assert.Equal(place, found.Message.First.Place);
        Assert.Equal([place, eight.Place], found.Further.OrderBy(delivery => delivery.Id.RecNo).Select(delivery => delivery.Place));
        Assert.Equal([2, 1], Ask(index, "word"));
        Assert.Equal(2, index.Count);
        Assert.NotNull(index.FindByTags([Tag(2)])[0]);
    }

    [Fact]
    public void KeptRecords_StayWithTheirDeliveries_AndNothingElseDoes()
    {
        using var index = _bench.OpenWith(Entry(1, text: "word"), Entry(2, text: "word"), Entry(3, text: "word"));
        index.AddDelivery(new(Id(2), Delivery(7, "x@example.org", ["seven@example.org"])));
        index.AddDelivery(new(Id(3), Delivery(8, "x@example.org", ["eight@example.org"])));
        index.Refresh();
        index.KeepOnly([Id(2)]);
        index.Add(Entry(4, text: "word"));
        index.Refresh();
        Assert.Equal([4, 2], Ask(index, "word"));
        Assert.Equal([2], Ask(index, "to:seven@example.org"));
        Assert.Empty(Ask(index, "to:eight@example.org"));
        Assert.Null(index.Find(Id(3), Visibility.All));
    }

    [Fact]
    public void SameBytesAgain_AreANewRecord_WithTheSameTag()
    {
        using var index = _bench.OpenWith(Entry(1));
        index.Erase([Id(1)]);
        index.Add(Entry(5) with { DedupeTag = Tag(1) });
        index.Refresh();
        Assert.Equal(Id(5), index.FindByTags([Tag(1)])[0]!.Value.Id);
    }

    [Fact]
    public void Rewrite_LeavesNoFileUnderTheOldKey_AndNoWordOfWhatWasErased()
    {
        var applied = AppliedBatches.None.WithAllBelow(4);
        using (var index = _bench.OpenWith(Entry(1, text: "word"), Entry(2, text: "secretword")))
        {
            index.Commit(applied);
            index.Add(Entry(3, text: "word"));
            index.Refresh();
            index.Erase([Id(2)]);
            index.Refresh();
            index.Commit(applied);
        }
        using (var index = MailIndex.Open(_bench.Place, _bench.KeysOf(4), _bench.Machine, _bench.Options))
            Assert.True(index.Rewrite(applied));

        foreach (var file in Directory.GetFiles(_bench.Place.Directory).Where(file => !file.EndsWith(".lock")))
            Assert.Equal(4, File.ReadAllBytes(file)[15]);
        var newest = new IndexKeys(4, version => version == 4 ? _bench.KeysOf(4).Of(4) : throw new IndexLockedException("old"));
        using (var index = MailIndex.Open(_bench.Place, newest, _bench.Machine, _bench.Options))
        {
            Assert.Equal([3, 1], Ask(index, "word"));
            Assert.Equal(applied, index.Applied);
            Assert.Empty(Ask(index, "secretword"));
            Assert.True(index.Rewrite(applied)); // nothing is left to do
        }
    }

    [Fact]
    public void SingleSegmentWithNothingErased_IsRewrittenAllTheSame()
    {
        using (var index = _bench.OpenWith(Entry(1))) index.Commit(AppliedBatches.None.WithAllBelow(2));
        using var again = MailIndex.Open(_bench.Place, _bench.KeysOf(9), _bench.Machine, _bench.Options);
        Assert.True(again.Rewrite(again.Applied));
        Assert.Equal([1], Ask(again, ""));
    }
}
