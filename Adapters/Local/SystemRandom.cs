using System.Security.Cryptography;
using AMA.Archive.Ids;

namespace AMA.Adapters.Local;

/// <summary>The operating system's random numbers: ids, salts, keys.</summary>
public sealed class SystemRandom : IRandom
{
    public static SystemRandom Instance { get; } = new();

    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
