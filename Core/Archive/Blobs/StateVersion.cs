using System.Buffers.Binary;
using System.Globalization;

namespace AMA.Archive.Blobs;

/// <summary>
/// Which version of a grain's state was read or written: what the grain compares with the newest one that the audit log
/// knows of. Its text is the state's ETag.
/// </summary>
/// <param name="Name">Of the blob.</param>
/// <param name="Generation">From 1, one more with each write.</param>
/// <param name="Sha256">Of the blob.</param>
/// <param name="ETag">The store's.</param>
public sealed record StateVersion(string Name, long Generation, string Sha256, string ETag)
{
    /// <summary>Bytes of a state's head: "AMG1" ‖ version u8 = 2 ‖ 000000 ‖ generation u64.</summary>
    public const int HeadBytes = 16;

    public static ReadOnlySpan<byte> Magic => [(byte)'A', (byte)'M', (byte)'G', (byte)'1', 2, 0, 0, 0];

    /// <summary>The head of this generation.</summary>
    public static byte[] Head(long generation)
    {
        var head = new byte[HeadBytes];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(Magic.Length), generation);
        return head;
    }

    /// <summary>
    /// A state's generation, as its head says; 0 for any other blob. Authentic only once the state was opened.
    /// </summary>
    public static long GenerationOf(ReadOnlySpan<byte> blob) =>
        blob.Length >= HeadBytes && blob[..Magic.Length].SequenceEqual(Magic)
            ? BinaryPrimitives.ReadInt64BigEndian(blob[Magic.Length..])
            : 0;

    /// <summary>Nothing is stored under the name yet.</summary>
    public static StateVersion None(string name) => new(name, 0, "", "");

    /// <summary>What a conditional write expects; null: nothing there.</summary>
    public string? StoreETag => Generation == 0 ? null : ETag;

    public static StateVersion Parse(string text)
    {
        var parts = text.Split('\n');
        return new(parts[3], long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], parts[2]);
    }

    public override string ToString() =>
        string.Join('\n', Generation.ToString(CultureInfo.InvariantCulture), Sha256, ETag, Name);
}
