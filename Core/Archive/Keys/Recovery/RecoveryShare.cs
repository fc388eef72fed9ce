using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Recovery;

/// <summary>
/// A share of a region's recovery key, as people keep it on paper: docs/formats/recovery-share.md. Eighty letters and
/// digits that can be typed; a checksum finds a wrong one. Its bytes are a secret like the key's.
/// </summary>
public sealed class RecoveryShare : IDisposable
{
    public const int KeyBytes = 32;
    public const int Threshold = 3;
    public const int Count = 5;

    /// <summary>Of the printed form, with its hyphens.</summary>
    public const int TextChars = ShareText.Chars;

    private const int Version = 1;
    private const int SetBytes = 9;
    private const int ValuesAt = 4 + SetBytes;
    private const int ChecksumAt = ValuesAt + KeyBytes;
    private const int ChecksumBytes = 5;
    private const int Bytes = ChecksumAt + ChecksumBytes;

    private static ReadOnlySpan<byte> ChecksumLabel => "ama/recovery-share@v1\0"u8;
    private static ReadOnlySpan<byte> SetLabel => "ama/recovery-set@v1\0"u8;

    private readonly Secret _bytes;

    private RecoveryShare(Secret bytes) => _bytes = bytes;

    /// <summary>How many shares give the key.</summary>
    public int Needed => _bytes.Span[1];

    /// <summary>How many there are.</summary>
    public int Total => _bytes.Span[2];

    /// <summary>Which one this is, from 1.</summary>
    public int Number => _bytes.Span[3];

    /// <summary>The last eight characters of the text, for whoever copied it to compare. Says nothing of the key.</summary>
    public string Checksum => ShareText.Checksum(_bytes.Span[ChecksumAt..]);

    /// <summary>Splits the private half of a recovery key; the caller disposes of the shares.</summary>
    /// <param name="publicKey">Its public half, by which shares of one key know each other.</param>
    public static RecoveryShare[] Split(
        Secret key, ReadOnlySpan<byte> publicKey, IRandom random, int needed = Threshold, int total = Count)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        var set = SetOf(publicKey);
        var points = SecretSharing.Split(key, needed, total, random);
        try
        {
            return [.. points.Select(point => new RecoveryShare(Write(point, set, needed, total)))];
        }
        finally
        {
            foreach (var point in points) point.Values.Dispose();
        }
    }

    /// <summary>
    /// Reads what somebody typed: case, blanks and hyphens don't count. Throws <see cref="SealException"/>: Format (not
    /// a share), Truncated, Trailing, Reserved (version), Content (a mistyped character: the checksum is wrong).
    /// </summary>
    public static RecoveryShare Parse(ReadOnlySpan<char> typed)
    {
        var bytes = ShareText.Read(typed, Bytes);
        try
        {
            Check(bytes.Span);
            return new(bytes);
        }
        catch (SealException)
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>The printed form, ASCII; the caller disposes of it.</summary>
    public Secret Text() => ShareText.Write(_bytes.Span);

    public bool IsOf(ReadOnlySpan<byte> publicKey) => Set.SequenceEqual(SetOf(publicKey));

    /// <summary>
    /// The key. Throws <see cref="SealException"/>: Format (too few, the same one twice), Context (of different keys).
    /// </summary>
    public static Secret Combine(IReadOnlyList<RecoveryShare> shares)
    {
        SealException.Unless(shares.Count > 0, SealFault.Format, "no shares");
        var first = shares[0];
        var one = shares.All(share => share.Set.SequenceEqual(first.Set) && share.Needed == first.Needed);
        SealException.Unless(one, SealFault.Context, "the shares belong to different keys");
        var places = shares.DistinctBy(share => share.Number).Take(first.Needed).ToArray();
        SealException.Unless(
            places.Length == first.Needed, SealFault.Format, $"{first.Needed} different shares are needed");
        var points = places.Select(share => new SharePoint((byte)share.Number, share.Values())).ToArray();
        try
        {
            return SecretSharing.Combine(points);
        }
        finally
        {
            foreach (var point in points) point.Values.Dispose();
        }
    }

    public void Dispose() => _bytes.Dispose();

    private ReadOnlySpan<byte> Set => _bytes.Span.Slice(4, SetBytes);

    private Secret Values() => Secret.Copy(_bytes.Span.Slice(ValuesAt, KeyBytes));

    private static Secret Write(SharePoint point, byte[] set, int needed, int total) =>
        Secret.Make(Bytes, (point, set, needed, total), static (from, bytes) =>
        {
            bytes[0] = Version;
            bytes[1] = (byte)from.needed;
            bytes[2] = (byte)from.total;
            bytes[3] = from.point.Place;
            from.set.CopyTo(bytes[4..]);
            from.point.Values.Span.CopyTo(bytes[ValuesAt..]);
            WriteChecksum(bytes[..ChecksumAt], bytes[ChecksumAt..]);
        });

    private static void Check(ReadOnlySpan<byte> bytes)
    {
        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        WriteChecksum(bytes[..ChecksumAt], checksum);
        SealException.Unless(
            checksum.SequenceEqual(bytes[ChecksumAt..]), SealFault.Content, "a character is wrong: the checksum differs");
        SealException.Unless(bytes[0] == Version, SealFault.Reserved, "unknown version");
        var fits = bytes[1] >= 2 && bytes[1] <= bytes[2] && bytes[3] >= 1 && bytes[3] <= bytes[2];
        SealException.Unless(fits, SealFault.Format, "no such share");
    }

    private static void WriteChecksum(ReadOnlySpan<byte> bytes, Span<byte> checksum)
    {
        Span<byte> message = stackalloc byte[ChecksumLabel.Length + ChecksumAt];
        ChecksumLabel.CopyTo(message);
        bytes.CopyTo(message[ChecksumLabel.Length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, hash);
        hash[..ChecksumBytes].CopyTo(checksum);
        CryptographicOperations.ZeroMemory(message);
    }

    private static byte[] SetOf(ReadOnlySpan<byte> publicKey) =>
        SHA256.HashData([.. SetLabel, .. publicKey])[..SetBytes];
}
