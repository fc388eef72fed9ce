using AMA.Archive.Ids;

namespace AMA.Archive.Log;

/// <summary>
/// One commit of a tenant's archive: "AML1", docs/formats/AML1.md. It is in the log or it isn't; nothing of it counts
/// before. Immutable; encoded once.
/// </summary>
public sealed class LogBatch
{
    private byte[]? _bytes;

    /// <param name="number">From 1, without gaps.</param>
    /// <param name="previousHash"><see cref="Hash"/> of the batch before; zeroes for number 1.</param>
    /// <param name="writerNonce">Random, of the writer's life: tells its own batches from another's.</param>
    /// <param name="firstLeafIndex">Leaves in the log before this batch.</param>
    /// <param name="entries">1 to <see cref="LogLimits.EntriesMax"/>, all of one tenant.</param>
    /// <param name="tallies">By source, in its order; null: none.</param>
    public LogBatch(
        ulong number, byte[] previousHash, ulong fence, Guid writerNonce, ulong firstLeafIndex,
        IReadOnlyList<LogEntry> entries, IReadOnlyList<LogTally>? tallies = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(number);
        ArgumentOutOfRangeException.ThrowIfNotEqual(previousHash.Length, LogLeaf.HashBytes);
        ArgumentOutOfRangeException.ThrowIfZero(entries.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entries.Count, LogLimits.EntriesMax);
        Number = number;
        PreviousHash = previousHash;
        Fence = fence;
        WriterNonce = writerNonce;
        FirstLeafIndex = firstLeafIndex;
        Entries = entries;
        Tallies = tallies ?? [];
    }

    public ulong Number { get; }
    public byte[] PreviousHash { get; }
    public ulong Fence { get; }
    public Guid WriterNonce { get; }
    public ulong FirstLeafIndex { get; }
    public IReadOnlyList<LogEntry> Entries { get; }

    /// <summary>The deliveries among the entries, by source.</summary>
    public IReadOnlyList<LogTally> Tallies { get; }

    public TenantId Tenant => Entries[0].Leaf.Tenant;

    public ulong NextLeafIndex => FirstLeafIndex + (ulong)Entries.Count;

    /// <summary>SHA-256 of the encoded bytes before it, which it closes; the next batch repeats it.</summary>
    public byte[] Hash => Bytes.AsSpan(^LogLeaf.HashBytes..).ToArray();

    /// <summary>The whole file. The same array each time: don't change it.</summary>
    public byte[] Encode() => Bytes;

    /// <summary>Throws <see cref="LogException"/>: Format, Reserved, Truncated, Limit, Hash.</summary>
    public static LogBatch Decode(ReadOnlyMemory<byte> bytes)
    {
        var batch = LogBatchCodec.Decode(bytes.Span);
        batch._bytes = bytes.ToArray();
        return batch;
    }

    private byte[] Bytes => _bytes ??= LogBatchCodec.Encode(this);
}

/// <summary>Names of a tenant's batches: they sort by number.</summary>
public static class LogNames
{
    private const string Suffix = ".aml1";
    private const int DigitCount = 12;
    private const int HashBytesInName = 8;

    public static string PrefixOf(TenantId tenant) => $"log/{tenant}/";

    public static string Of(TenantId tenant, ulong number) => $"{PrefixOf(tenant)}{Digits(number)}{Suffix}";

    /// <summary>In Backup: with the batch's hash, so that nobody can occupy the next number there.</summary>
    public static string InBackup(LogBatch batch)
    {
        var hash = Convert.ToHexStringLower(batch.Hash.AsSpan(0, HashBytesInName));
        return $"{PrefixOf(batch.Tenant)}{Digits(batch.Number)}-{hash}{Suffix}";
    }

    private static string Digits(ulong number) => number.ToString().PadLeft(DigitCount, '0');
}
