using AMA.Archive.Ids;

namespace AMA.Tests.Unit.Core.Archive.Blobs;

/// <summary>Repeatable randomness for many threads.</summary>
public sealed class SeededIds(int seed) : IRandom
{
    private readonly Random _random = new(seed);
    private readonly Lock _turn = new();

    public void Fill(Span<byte> destination)
    {
        lock (_turn) _random.NextBytes(destination);
    }
}
