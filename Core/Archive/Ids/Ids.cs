using System.Diagnostics.CodeAnalysis;

namespace AMA.Archive.Ids;

/// <summary>A customer. Random, 16 B; written big-endian in formats, as 32 lower-case hex digits in text.</summary>
public readonly record struct TenantId(Guid Value)
{
    public override string ToString() => Value.ToString("N");
    public static TenantId Parse(string text) => new(Guid.ParseExact(text, "N"));
    public static TenantId Read(ReadOnlySpan<byte> bytes) => new(new Guid(bytes[..16], bigEndian: true));
    public void Write(Span<byte> destination) => Value.TryWriteBytes(destination, bigEndian: true, out _);
}

/// <summary>A mailbox of a tenant, opaque: no address stands in it. Same forms as <see cref="TenantId"/>.</summary>
public readonly record struct MailboxId(Guid Value)
{
    public override string ToString() => Value.ToString("N");
    public static MailboxId Parse(string text) => new(Guid.ParseExact(text, "N"));
    public static MailboxId Read(ReadOnlySpan<byte> bytes) => new(new Guid(bytes[..16], bigEndian: true));
    public void Write(Span<byte> destination) => Value.TryWriteBytes(destination, bigEndian: true, out _);
}

/// <summary>An archived message: random and public (docs/formats/AMA1.md). Same forms as <see cref="TenantId"/>.</summary>
public readonly record struct RecordId(Guid Value)
{
    public override string ToString() => Value.ToString("N");
    public static RecordId Parse(string text) => new(Guid.ParseExact(text, "N"));
    public static bool TryParse([NotNullWhen(true)] string? text, out RecordId id)
    {
        var ok = Guid.TryParseExact(text, "N", out var value);
        id = new(value);
        return ok;
    }
    public static RecordId Read(ReadOnlySpan<byte> bytes) => new(new Guid(bytes[..16], bigEndian: true));
    public void Write(Span<byte> destination) => Value.TryWriteBytes(destination, bigEndian: true, out _);
}

/// <summary>A spool segment (docs/formats/AMQ1.md). Same forms as <see cref="TenantId"/>.</summary>
public readonly record struct SegmentId(Guid Value)
{
    public override string ToString() => Value.ToString("N");
    public static SegmentId Parse(string text) => new(Guid.ParseExact(text, "N"));
    public static SegmentId Read(ReadOnlySpan<byte> bytes) => new(new Guid(bytes[..16], bigEndian: true));
    public void Write(Span<byte> destination) => Value.TryWriteBytes(destination, bigEndian: true, out _);
}

/// <summary>
/// One SMTP acceptance: record <paramref name="RecNo"/> of a spool segment. Its text is the receipt in the 250:
/// 32 characters of RFC 4648 base32 (lower case, no padding) over segment id (16 B) and number (4 B).
/// </summary>
public readonly record struct DeliveryId(SegmentId Segment, uint RecNo)
{
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Base32.Bytes];
        Write(bytes);
        return Base32.Text(bytes);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out DeliveryId id)
    {
        Span<byte> bytes = stackalloc byte[Base32.Bytes];
        var isRead = Base32.TryRead(text, bytes);
        id = isRead ? Read(bytes) : default;
        return isRead;
    }

    /// <summary>20 bytes: segment id, then the number big-endian.</summary>
    public void Write(Span<byte> destination)
    {
        Segment.Write(destination);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(destination[16..], RecNo);
    }

    public static DeliveryId Read(ReadOnlySpan<byte> bytes) =>
        new(SegmentId.Read(bytes), System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));
}
