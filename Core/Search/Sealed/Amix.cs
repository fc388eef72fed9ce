using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Sealing;

namespace AMA.Search.Sealed;

/// <summary>
/// Layout of a sealed index file, docs/formats/AMIX.md: magic 4 · version · suite · chunk shift · 0 · key version u64 ·
/// salt 24 · commitment 32 | chunks of 8 KiB + 16, the last one always short. Integers are big-endian.
/// </summary>
internal static class Amix
{
    public const int HeaderBytes = 72;
    public const int ChunkShift = 13;
    public const int ChunkBytes = 1 << ChunkShift;
    public const int SealedChunkBytes = ChunkBytes + ChunkCipher.TagBytes;

    /// <summary>Lucene's names are short; the context of the key derivation has room for this.</summary>
    public const int NameBytesMax = 255;

    private const int VersionAt = 4;
    private const int SuiteAt = 5;
    private const int ShiftAt = 6;
    private const int ZeroAt = 7;
    private const int KeyVersionAt = 8;
    private const int SaltAt = 16;
    private const int CommitmentAt = SaltAt + ChunkKeys.SaltBytes;
    private const byte Version = 1;
    private const byte Suite = 1;
    private const int IndexIdBytes = 16;

    private static ReadOnlySpan<byte> Magic => "AMIX"u8;
    private static ReadOnlySpan<byte> Label => "ama/index-file@v1+AEAD_AES_256_GCM\0"u8;

    /// <summary>Writes a header whose salt is set and whose commitment is still missing.</summary>
    public static void Begin(Span<byte> header, ulong keyVersion, ReadOnlySpan<byte> salt)
    {
        header.Clear();
        Magic.CopyTo(header);
        header[VersionAt] = Version;
        header[SuiteAt] = Suite;
        header[ShiftAt] = ChunkShift;
        BinaryPrimitives.WriteUInt64BigEndian(header[KeyVersionAt..], keyVersion);
        salt.CopyTo(header[SaltAt..]);
    }

    public static void Commit(Span<byte> header, ReadOnlySpan<byte> commitment) =>
        commitment.CopyTo(header[CommitmentAt..]);

    /// <summary>The key version of a header this version of the format may read.</summary>
    public static ulong KeyVersion(ReadOnlySpan<byte> header, string name)
    {
        if (!header.StartsWith(Magic)) throw new SealedFileException(SealFault.Format, name, "not a sealed index file");
        var known = header[VersionAt] == Version && header[SuiteAt] == Suite && header[ShiftAt] == ChunkShift
            && header[ZeroAt] == 0;
        if (!known) throw new SealedFileException(SealFault.Reserved, name, "a version of the format not known here");
        return BinaryPrimitives.ReadUInt64BigEndian(header[KeyVersionAt..]);
    }

    /// <summary>
    /// Key 32 ‖ nonce 12 ‖ commitment 32 from the index key. Everything before the commitment, the index and the name
    /// are in the context, so no header bit, no other index's file and no exchanged name goes unnoticed.
    /// </summary>
    public static void Derive(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> header, Guid indexId, string name, Span<byte> derived)
    {
        Span<byte> context = stackalloc byte[CommitmentAt + IndexIdBytes + sizeof(ushort) + NameBytesMax];
        header[..CommitmentAt].CopyTo(context);
        indexId.TryWriteBytes(context[CommitmentAt..], bigEndian: true, out _);
        var nameAt = CommitmentAt + IndexIdBytes + sizeof(ushort);
        if (!Encoding.UTF8.TryGetBytes(name, context[nameAt..], out var nameBytes))
            throw new ArgumentException($"an index file's name has at most {NameBytesMax} bytes", nameof(name));
        BinaryPrimitives.WriteUInt16BigEndian(context[(nameAt - sizeof(ushort))..], (ushort)nameBytes);
        var salt = header.Slice(SaltAt, ChunkKeys.SaltBytes);
        ChunkKeys.Derive(key, Label, salt, context[..(nameAt + nameBytes)], derived);
    }

    public static void CheckCommitment(ReadOnlySpan<byte> header, ReadOnlySpan<byte> derived, string name)
    {
        var commitment = derived[(ChunkKeys.KeyBytes + ChunkKeys.NonceBytes)..];
        if (!CryptographicOperations.FixedTimeEquals(commitment, header[CommitmentAt..HeaderBytes]))
            throw new SealedFileException(
                SealFault.Commitment, name, "another key, index or name, or a changed header");
    }

    /// <summary>Plain bytes in a file of this length; arithmetic only, proved when the last chunk is opened.</summary>
    public static long PlainLength(long fileBytes, string name)
    {
        var chunks = fileBytes - HeaderBytes;
        var rest = chunks < 0 ? -1 : chunks % SealedChunkBytes;
        if (rest < ChunkCipher.TagBytes)
            throw new SealedFileException(SealFault.Truncated, name, "its length is not that of a whole file");
        return (chunks / SealedChunkBytes << ChunkShift) + rest - ChunkCipher.TagBytes;
    }
}
