using AMA.Search;
using AMA.Search.Documents;
using AMA.Search.Query;
using AMA.Search.Sealed;
using Lucene.Net.Index;
using Xunit;
using static AMA.Tests.Unit.Core.Search.IndexBench;

namespace AMA.Tests.Unit.Core.Search;

public sealed class DurabilityTests : IDisposable
{
    private readonly IndexBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Commit_KeepsDocumentsAndPositionTogether()
    {
        var applied = AppliedBatches.None.WithAllBelow(7).With(9);
        using (var index = _bench.OpenWith(Entry(1), Entry(2)))
        {
            Assert.Equal(AppliedBatches.None, index.Applied);
            index.Commit(applied);
            index.Add(Entry(3));
            index.Refresh();
            Assert.Equal([3, 2, 1], Ask(index, ""));
        }
        using (var index = _bench.Open())
        {
            Assert.Equal(applied, index.Applied);
            Assert.Equal([2, 1], Ask(index, ""));
            index.Commit(applied.With(7));
        }
        using (var index = _bench.Open()) Assert.Equal("8+9", index.Applied.ToString());
    }

    [Fact]
    public void PulledPlug_LosesOnlyWhatWasNotCommitted()
    {
        var random = new Random(5);
        using var index = _bench.Open();
        var committed = 0;
        for (var n = 1; n <= 300; n++)
        {
            index.Add(Entry(n, text: "word"));
            if (random.Next(10) == 0) index.Refresh();
            if (random.Next(25) == 0)
            {
                index.Commit(AppliedBatches.None.WithAllBelow((ulong)n));
                committed = n;
            }
            if (random.Next(30) == 0) AssertCopyHolds(committed);
        }
    }

    /// <summary>The files as they lie there, without the process that writes them.</summary>
    private void AssertCopyHolds(int committed)
    {
        var copy = Directory.CreateDirectory(Path.Combine(_bench.Folder, "copy"));
        foreach (var file in Directory.GetFiles(_bench.Place.Directory))
            File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
        var place = _bench.Place with { Directory = copy.FullName };
        using (var index = MailIndex.Open(place, _bench.Keys, _bench.Machine, _bench.Options))
        {
            Assert.Equal((ulong)committed, index.Applied.Below);
            Assert.Equal(committed, index.Count);
            Assert.Equal(committed, Ask(index, "word").Length);
        }
        copy.Delete(recursive: true);
    }

    [Fact]
    public void FailedSync_FailsTheCommit_AndTheOneBeforeStands()
    {
        using (var index = _bench.OpenWith(Entry(1)))
        {
            index.Commit(AppliedBatches.None.WithAllBelow(1));
            index.Add(Entry(2));
            _bench.Files.Fails = path => !path.EndsWith("index", StringComparison.Ordinal);
            Assert.ThrowsAny<Exception>(() => index.Commit(AppliedBatches.None.WithAllBelow(2)));
            _bench.Files.Fails = _ => false;
        }
        using var again = _bench.Open();
        Assert.Equal(1ul, again.Applied.Below);
        Assert.Equal([1], Ask(again, ""));
    }

    [Fact]
    public void Commit_SyncsTheDirectoryLast()
    {
        using var index = _bench.OpenWith(Entry(1));
        _bench.Files.Synced.Clear();
        index.Commit(AppliedBatches.None.WithAllBelow(1));
        Assert.Contains(_bench.Files.Synced, name => name.EndsWith(".cfs") || name.EndsWith(".si"));
        var last = _bench.Files.Synced.FindLastIndex(name => name.StartsWith("segments_"));
        Assert.True(last >= 0 && _bench.Files.Synced.IndexOf("index", last) > last);
    }

    [Fact]
    public void MergedIndex_IsCleanForLucenesOwnCheck()
    {
        using (var index = _bench.Open())
            for (var n = 1; n <= 600; n++)
            {
                index.Add(Entry(n, $"subject {n}", string.Join(' ', Enumerable.Range(n, 50).Select(i => $"w{i}"))));
                if (n % 10 == 0) index.Refresh();
                if (n % 200 == 0) index.Commit(AppliedBatches.None.WithAllBelow((ulong)n));
            }
        using var directory = new SealedDirectory(new(_bench.Place, _bench.Keys, _bench.Machine));
        var status = new CheckIndex(directory).DoCheckIndex();
        Assert.True(status.Clean);
        Assert.InRange(status.NumSegments, 1, 30);
    }

    [Fact]
    public void DamagedFile_IsNamed_NotPassedOver()
    {
        using (var index = _bench.OpenWith(Enumerable.Range(1, 50).Select(n => Entry(n, text: "word"))))
            index.Commit(AppliedBatches.None.WithAllBelow(1));
        foreach (var path in Directory.GetFiles(_bench.Place.Directory).Where(path => new FileInfo(path).Length > 0))
        {
            var good = File.ReadAllBytes(path);
            var bad = good.ToArray();
            bad[^20] ^= 1;
            File.WriteAllBytes(path, bad);
            if (!path.EndsWith("segments.gen", StringComparison.Ordinal))
                Assert.Throws<SealedFileException>(() =>
                {
                    using var index = _bench.Open();
                    Ask(index, "word");
                });
            File.WriteAllBytes(path, good);
        }
        using var whole = _bench.Open();
        Assert.Equal(50, Ask(whole, "word").Length);
    }

    [Fact]
    public void NothingLegible_LiesOnTheDisk()
    {
        var canary = Entry(1, "canarysubject", "canarybody", "canary@example.org") with { Attachments = ["canaryfile"] };
        using (var index = _bench.OpenWith(canary))
            index.Commit(AppliedBatches.None.WithAllBelow(1));
        foreach (var path in Directory.GetFiles(_bench.Place.Directory))
            Assert.True(File.ReadAllBytes(path).AsSpan().IndexOf("canary"u8) < 0, path);
    }

    [Theory]
    [InlineData("0", new ulong[0])]
    [InlineData("3", new ulong[] { 0, 1, 2 })]
    [InlineData("0+2+5", new ulong[] { 2, 5 })]
    [InlineData("3+5", new ulong[] { 1, 2, 0, 5 })]
    [InlineData("6", new ulong[] { 5, 4, 3, 2, 1, 0, 0 })]
    public void AppliedBatches_CloseTheirGaps(string text, ulong[] batches)
    {
        var applied = batches.Aggregate(AppliedBatches.None, (all, batch) => all.With(batch));
        Assert.Equal(text, applied.ToString());
        Assert.Equal(applied, AppliedBatches.Parse(text));
        Assert.All(batches, batch => Assert.True(applied.Contains(batch)));
    }
}
