using System.Buffers.Binary;
using System.Security.Cryptography;
using AMA.Archive.Ids;

namespace AMA.Archive.Keys.Roots;

/// <summary>Names of keys in the blobs that they wrap. None says anything about the key.</summary>
public static class RootIds
{
    public const int NameCharsMax = 64;

    /// <summary>A new key's id: UUID version 7 (RFC 9562), so that it also says when the key was made, to the ms.</summary>
    public static Guid New(TimeProvider time, IRandom random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.Fill(bytes);
        Span<byte> moment = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(moment, time.GetUtcNow().ToUnixTimeMilliseconds());
        moment[2..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | bytes[6] & 0x0F);
        bytes[8] = (byte)(0x80 | bytes[8] & 0x3F);
        return new Guid(bytes, bigEndian: true);
    }

    public static DateTimeOffset MadeAt(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16);
    }

    /// <summary>The id of a key that lies outside a key root: the first 16 bytes of an HMAC under it.</summary>
    public static Guid Of(Secret key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.Span, "ama/root-id@v1"u8, hash);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>Throws <see cref="ArgumentException"/> for what is no name of a key.</summary>
    public static void CheckName(string name)
    {
        var fits = name.Length is > 0 and <= NameCharsMax
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
        if (!fits) throw new ArgumentException($"not a key's name: \"{name}\"", nameof(name));
    }
}
