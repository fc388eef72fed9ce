using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using AMA.Archive.Ids;

namespace AMA.Search.Documents;

/// <summary>
/// A place in the order of answers: newest first, among equals by record id. It holds for every index of a tenant
/// alike, so one cursor pages through all of them; mail that arrives meanwhile moves nothing.
/// </summary>
public readonly record struct SearchCursor(long SortMilliseconds, RecordId Id)
{
    private const int Bytes = 24;

    public static SearchCursor Behind(FoundMessage message) =>
        new(message.SortDate.ToUnixTimeMilliseconds(), message.Id);

    /// <summary>Base64url over milliseconds since 1970 (8 B, big-endian) and the record id (16 B).</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, SortMilliseconds);
        Id.Write(bytes[8..]);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out SearchCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (text is not { Length: Bytes * 4 / 3 }) return false;
        if (Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done || written != Bytes)
            return false;
        cursor = new(BinaryPrimitives.ReadInt64BigEndian(bytes), RecordId.Read(bytes[8..]));
        return true;
    }
}
