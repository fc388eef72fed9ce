using AMA.Archive.Ids;

namespace AMA.Tests.Unit.Core.Archive.Sealing;

/// <summary>Randomness that a failed test can repeat: its seed stands in the test.</summary>
public sealed class SeededRandom(int seed) : IRandom
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> destination) => _random.NextBytes(destination);
}

/// <summary>Gives these bytes once, in order: the salt or nonce that a vector names.</summary>
public sealed class FixedRandom(byte[] bytes) : IRandom
{
    private int _at;

    public void Fill(Span<byte> destination)
    {
        bytes.AsSpan(_at, destination.Length).CopyTo(destination);
        _at += destination.Length;
    }
}
