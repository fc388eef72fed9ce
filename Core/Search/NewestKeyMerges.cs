using AMA.Search.Sealed;
using Lucene.Net.Index;

namespace AMA.Search;

/// <summary>
/// Merges as ever; a forced merge writes every segment anew that has a file under an older index key, so that the
/// older key can be destroyed. What was deleted from such a segment is then nowhere any more.
/// </summary>
internal sealed class NewestKeyMerges(SealedDirectory directory, MergePolicy usual) : UpgradeIndexMergePolicy(usual)
{
    protected override bool ShouldUpgradeSegment(SegmentCommitInfo segment) =>
        segment.GetFiles().Any(name => directory.KeyVersionOf(name) != directory.WriteVersion);
}
