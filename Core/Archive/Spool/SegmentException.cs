using AMA.Archive.Access;

namespace AMA.Archive.Spool;

/// <summary>
/// Why a spool segment, or a record of it, was refused. Vectors name these: docs/formats/AMQ1.md, "Faults".
/// </summary>
public enum SegmentFault
{
    /// <summary>Not this format, or fields that contradict each other.</summary>
    Format = 1,

    /// <summary>A field holds a value that this version doesn't define, or keeps for a later one.</summary>
    Reserved,

    /// <summary>The bytes end too early, or a record reaches into the trailer.</summary>
    Truncated,

    /// <summary>A named limit is passed (<see cref="SegmentLimits"/>).</summary>
    Limit,

    /// <summary>The gateway's signature is not over these bytes.</summary>
    Signature,

    /// <summary>
    /// The certificate isn't this region's authority's, is no P-256 one, or was not valid when the segment says.
    /// </summary>
    Certificate,

    /// <summary>A good certificate of somebody who may not feed the queue.</summary>
    Role,

    /// <summary>The certificate was withdrawn.</summary>
    Revoked,

    /// <summary>A segment, or a certificate, of another region.</summary>
    Region,

    /// <summary>Sealed to a queue key that nobody here knows, or whose private half is gone.</summary>
    QueueKeyUnknown,

    /// <summary>Made before or after the time its queue key was valid.</summary>
    QueueKeyValidity,

    /// <summary>The key commitment is wrong: another key, or a changed header.</summary>
    Commitment,

    /// <summary>The record's ciphertext isn't what was sealed.</summary>
    Authentication,

    /// <summary>The record's bytes are not those whose signature was checked.</summary>
    Changed,
}

/// <summary>A segment is refused. Final for these bytes: another spool store's copy may be whole.</summary>
public sealed class SegmentException(SegmentFault fault, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public SegmentFault Fault { get; } = fault;

    internal static void Unless(bool holds, SegmentFault fault, string message)
    {
        if (!holds) throw new SegmentException(fault, message);
    }
}

public static class SegmentLimits
{
    /// <summary>
    /// A gateway ends a shared segment at about this size; a larger message goes into one of its own.
    /// </summary>
    public const int GroupBytes = 1 << 20;

    public const int RecordsMax = 65_536;

    /// <summary>DER bytes of a gateway's certificate.</summary>
    public const int CertificateBytesMax = PeerCertificate.DerBytesMax;

    /// <summary>
    /// How long a gateway may go on spooling after its certificate has run out: as long as a queue key lasts. Without
    /// it, a Control that is away for long would stop mail.
    /// </summary>
    public static readonly TimeSpan ExpiredSpoolingMax = TimeSpan.FromDays(30);
}
