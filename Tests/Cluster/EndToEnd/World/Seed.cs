using AMA.Adapters.Local;
using AMA.Archive.Ids;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>A random generator whose seed stands in the test's output; AMA_SEED runs the same again.</summary>
public static class Seed
{
    public static Random New(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("AMA_SEED"), out var given)
            ? given
            : SystemRandom.Instance.NextId().GetHashCode();
        output.WriteLine($"AMA_SEED={seed}");
        return new Random(seed);
    }
}
