namespace AMA.Archive.Ids;

/// <summary>The one source of randomness. Production passes the operating system's; tests pass a seeded one.</summary>
public interface IRandom
{
    /// <summary>Fills all of <paramref name="destination"/> with bytes nobody can predict.</summary>
    void Fill(Span<byte> destination);
}

public static class RandomExtensions
{
    /// <summary>A random 128-bit id.</summary>
    public static Guid NextId(this IRandom random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.Fill(bytes);
        return new Guid(bytes, bigEndian: true);
    }

    public static byte[] NextBytes(this IRandom random, int count)
    {
        var bytes = new byte[count];
        random.Fill(bytes);
        return bytes;
    }
}
