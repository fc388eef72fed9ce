using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Search.Similarities;
using Lucene.Net.Util;

namespace AMA.Search.Retrieval;

/// <summary>
/// Answers are ordered by date: nothing is weighed. It also keeps rare words of other people's mail out of any score.
/// </summary>
internal sealed class NoScores : Similarity
{
    public static NoScores Instance { get; } = new();

    public override long ComputeNorm(FieldInvertState state) => 0;

    public override SimWeight ComputeWeight(
        float queryBoost, CollectionStatistics collectionStats, params TermStatistics[] termStats) => new Weight();

    public override SimScorer GetSimScorer(SimWeight weight, AtomicReaderContext context) => Scorer.Instance;

    private sealed class Weight : SimWeight
    {
        public override float GetValueForNormalization() => 1;

        public override void Normalize(float queryNorm, float topLevelBoost) { }
    }

    private sealed class Scorer : SimScorer
    {
        public static Scorer Instance { get; } = new();

        public override float Score(int doc, float freq) => 1;

        public override float ComputeSlopFactor(int distance) => 1;

        public override float ComputePayloadFactor(int doc, int start, int end, BytesRef payload) => 1;
    }
}
