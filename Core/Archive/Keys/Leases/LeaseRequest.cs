using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using AMA.Archive.Access;
using AMA.Archive.Ids;

namespace AMA.Archive.Keys.Leases;

/// <summary>
/// What a silo asks Control for: a new lease, its renewal or its end, or (purpose register) a number for its start.
/// Travels as <see cref="Sign"/> makes it: a 64-byte ECDSA P-256 signature, then the JSON body exactly as signed.
/// </summary>
/// <param name="SiloId">The name in the certificate.</param>
/// <param name="Incarnation">What Control answered to the registration; 0 in the registration itself.</param>
/// <param name="Suite">Of the key for answers; signed with the rest, so that nobody can put a weaker one in.</param>
/// <param name="KemPublicKey">By the suite; its private half in memory only, the same for a whole incarnation.</param>
/// <param name="Certificate">DER, issued by the region's CA for a back-end silo.</param>
/// <param name="Tenant">Null for purposes register, queue and partition.</param>
/// <param name="AccessToken">Of the person on whose behalf; for search, read, export and audit.</param>
/// <param name="Job">The export request, or (maintain) the job; null for a catch-up, and for all other purposes.</param>
/// <param name="LeaseId">
/// To renew or release; in a grant of purpose ingest: the live lease of the same silo that gets further subtrees.
/// </param>
/// <param name="TtlSeconds">What the silo would like; Control may grant less.</param>
/// <param name="Nonce">32 random bytes, never used again.</param>
/// <param name="Reports">What became of the tenant's subtrees: with renewals and releases of ingest and
/// maintain.</param>
/// <param name="Intent">With purpose erase and re-seal: where the tenant's log says what is asked for.</param>
/// <param name="Ranges">With purpose re-seal: leaves of the old tree that the log has no mail under.</param>
/// <param name="Progress">With purpose re-seal: how far the job is.</param>
public sealed record LeaseRequest(
    string SiloId, long Incarnation, LeaseSuite Suite, byte[] KemPublicKey, byte[] Certificate, LeasePurpose Purpose,
    Region Region, Guid? Tenant, LeaseTarget[] Targets, string? AccessToken, Guid? Job, Guid? LeaseId, int TtlSeconds,
    byte[] Nonce, DateTimeOffset SentAt, IngestReport[] Reports, LogPlace? Intent = null, LeafRange[]? Ranges = null,
    JobProgress? Progress = null)
{
    public const string Label = "ama/lease-request@v1";
    public const int SignatureBytes = 64;

    /// <param name="key">The certificate's private key.</param>
    public byte[] Sign(ECDsa key)
    {
        var body = StrictJson.Write(this, LeaseJson.Default.LeaseRequest);
        var signed = new byte[SignatureBytes + body.Length];
        body.CopyTo(signed, SignatureBytes);
        key.SignData(
            Signable(body), signed.AsSpan(0, SignatureBytes), HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return signed;
    }

    /// <summary>What a request says, whoever wrote it: nothing in it is proved. See <see cref="IsSignedBy"/>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> signed, [NotNullWhen(true)] out LeaseRequest? request)
    {
        request = null;
        if (signed.Length is <= SignatureBytes or > LeaseLimits.RequestBytesMax) return false;
        return StrictJson.TryRead(signed[SignatureBytes..], LeaseJson.Default.LeaseRequest, out request);
    }

    /// <summary>True when <paramref name="peer"/> signed exactly these bytes as a request.</summary>
    public static bool IsSignedBy(TrustedPeer peer, ReadOnlySpan<byte> signed) =>
        signed.Length > SignatureBytes && peer.Signed(Signable(signed[SignatureBytes..]), signed[..SignatureBytes]);

    /// <summary>SHA-256 of the request as sent: binds the answer's keys to it.</summary>
    public static byte[] HashOf(ReadOnlySpan<byte> signed) => SHA256.HashData(signed);

    /// <summary>The signature is over the body's hash, so that a device may sign without seeing a body.</summary>
    private static byte[] Signable(ReadOnlySpan<byte> body) =>
        [.. Encoding.ASCII.GetBytes(Label), 0, .. SHA256.HashData(body)];
}

/// <summary>A batch of the tenant's log.</summary>
/// <param name="Batch">Its number, from 1.</param>
/// <param name="Hash">32 bytes.</param>
public sealed record LogPlace(ulong Batch, byte[] Hash);

/// <summary>Leaves of a key tree that follow each other.</summary>
[method: JsonConstructor]
public readonly record struct LeafRange(uint First, uint Count)
{
    public bool Covers(uint leaf) => leaf >= First && leaf - First < Count;
}

/// <summary>How far a job is, as its silo says.</summary>
/// <param name="Total">Records, with their further deliveries, that it has to do with.</param>
/// <param name="Fault">Why it goes no further at present; empty: it does.</param>
public sealed record JobProgress(long Done, long Total, string Fault)
{
    public const int FaultCharsMax = 300;
}

/// <summary>A retention part of the tenant, and (read, maintain) the leaves asked for.</summary>
/// <param name="Generation">0 for the part's first key tree.</param>
[method: JsonConstructor] // a struct would otherwise be filled in part
public readonly record struct LeaseTarget(ushort Class, uint Epoch, uint Generation, uint[] Leaves);

/// <summary>How far a granted subtree is used, counted from its first leaf. Numbers only grow.</summary>
/// <param name="FirstLeaf">The subtree's.</param>
/// <param name="UsedLeaves">Committed or given up; what lies above is free.</param>
/// <param name="IndexedLeaves">In a durable index, so that nobody needs to open them again for it.</param>
/// <param name="OldestIndexVersion">
/// Of the index keys that any file of the part's index still needs; 0: not said. Once it is the newest, Control
/// destroys the one before.
/// </param>
[method: JsonConstructor]
public readonly record struct IngestReport(
    ushort Class, uint Epoch, uint Generation, uint FirstLeaf, uint UsedLeaves, uint IndexedLeaves,
    uint OldestIndexVersion = 0)
{
    /// <summary>No file on the silo's disk needs a partition key before <paramref name="oldestVersion"/>.</summary>
    public static IngestReport OfPartition(uint oldestVersion) => new(0, 0, 0, 0, 0, 0, oldestVersion);

    /// <summary>It tells of the part's index and of no subtree.</summary>
    internal bool IsOfIndexOnly => OldestIndexVersion > 0 && UsedLeaves == 0 && IndexedLeaves == 0;

    /// <summary>No file of the part's index needs a key before <paramref name="version"/>.</summary>
    public static IngestReport OfIndex(ushort retentionClass, uint epoch, uint version) =>
        new(retentionClass, epoch, 0, 0, 0, 0, version);

    /// <summary>
    /// In a request for the queue: no segment in any spool store needs a key of a week before
    /// <paramref name="oldestWeek"/>, which stands in the place of the epoch.
    /// </summary>
    public static IngestReport OfQueue(ulong oldestWeek) => new(0, checked((uint)oldestWeek), 0, 0, 0, 0);
}
