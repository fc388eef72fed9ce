using AMA.Search.Sealed;
using Lucene.Net.Analysis.Core;
using Lucene.Net.Index;
using Lucene.Net.Store;
using Lucene.Net.Util;

namespace AMA.Search;

/// <summary>How AMA has Lucene write.</summary>
internal static class IndexWriting
{
    private const string AppliedKey = "applied";

    /// <summary>Segments of one size that make a merge.</summary>
    private const double SegmentsPerTier = 10;

    /// <summary>Smaller segments count as this large: batches of few messages must not pile up.</summary>
    private const double FloorMegabytes = 1;

    public static IndexWriter Open(SealedDirectory directory, MailIndexOptions options)
    {
        try
        {
            return new IndexWriter(directory, Config(directory, options));
        }
        catch (LockObtainFailedException taken)
        {
            throw new IndexInUseException("another writer has this index open", taken);
        }
    }

    /// <summary>
    /// Merges run on the writer's own thread. Lucene's concurrent scheduler would let a fault on its threads (a lease
    /// that ends in the middle of a merge) end the process, and is stopped by interrupts, which lose commits.
    /// </summary>
    private static IndexWriterConfig Config(SealedDirectory directory, MailIndexOptions options) => new(
        LuceneVersion.LUCENE_48, new KeywordAnalyzer())
    {
        MergeScheduler = new SerialMergeScheduler(),
        MergePolicy = new NewestKeyMerges(directory, new TieredMergePolicy
        {
            MaxMergedSegmentMB = options.SegmentMegabytesMax,
            SegmentsPerTier = SegmentsPerTier,
            MaxMergeAtOnce = (int)SegmentsPerTier,
            FloorSegmentMB = FloorMegabytes,
        }),
        RAMBufferSizeMB = options.WriteBufferMegabytes,
        MaxThreadStates = 1,
        Similarity = Retrieval.NoScores.Instance,
        OpenMode = OpenMode.CREATE_OR_APPEND,
    };

    public static AppliedBatches Applied(IndexWriter writer) =>
        writer.CommitData is { } data && data.TryGetValue(AppliedKey, out var text)
            ? AppliedBatches.Parse(text)
            : AppliedBatches.None;

    public static void Commit(IndexWriter writer, AppliedBatches applied)
    {
        writer.SetCommitData(new Dictionary<string, string> { [AppliedKey] = applied.ToString() });
        writer.Commit();
    }
}
