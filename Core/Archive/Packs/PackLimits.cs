namespace AMA.Archive.Packs;

public static class PackLimits
{
    public const int RecordsMax = 65_536;

    /// <summary>
    /// Of one record's salt, commitment and chunks: lengths are 32 bits, and the largest means "streamed".
    /// </summary>
    public const long BodyBytesMax = uint.MaxValue - 1L;

    /// <summary>Larger sealed messages are read as streams only.</summary>
    public const int MessageInMemoryBytesMax = 64 << 20;
}
