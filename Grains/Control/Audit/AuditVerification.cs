using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Log.Merkle;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Keys;
using Orleans;

namespace AMA.Grains.Control.Audit;

/// <summary>What an operator is told about the whole log.</summary>
/// <param name="Findings">Plain sentences.</param>
public sealed record AuditVerdict(bool Holds, IReadOnlyList<string> Findings);

/// <summary>Reads the whole log anew: chain, entries, tree, and the signature over it.</summary>
public sealed class AuditVerification(KeyRing ring, IGrainFactory grains, IRandom random)
{
    public async Task<AuditVerdict> RunAsync(CancellationToken cancel)
    {
        using var keys = new AuditKeys(ring, random);
        var log = grains.GetGrain<IAuditGrain>(ring.Region.Text());
        var end = await log.Batches();
        var tree = new MerkleTree();
        var previous = new byte[AuditBatch.HashBytes];
        for (var number = 0ul; number < end; number++)
        {
            cancel.ThrowIfCancellationRequested();
            var blob = await log.Batch(number);
            if (!Follows(keys, blob, number, previous, tree))
                return new(false, [$"Batch {number} is altered, or does not follow from the one before it."]);
            previous = SHA256.HashData(blob);
        }
        return Judge(keys, tree, end, (await log.Prove([])).Checkpoint);
    }

    private static bool Follows(AuditKeys keys, byte[] blob, ulong number, byte[] previous, MerkleTree tree)
    {
        try
        {
            var batch = keys.OpenBatch(blob);
            if (batch.Number != number || batch.FirstEntry != tree.Size) return false;
            if (!batch.Previous.AsSpan().SequenceEqual(previous)) return false;
            foreach (var line in batch.Lines) tree.Append(line.LeafHash());
            return true;
        }
        catch (SealException)
        {
            return false;
        }
    }

    /// <summary>Entries may have come meanwhile: then the tree is the beginning of what was signed.</summary>
    private static AuditVerdict Judge(AuditKeys keys, MerkleTree tree, ulong batches, string note)
    {
        if (keys.Verify(note) is not { } signed) return new(false, ["The newest checkpoint is not signed by Control."]);
        List<string> findings =
        [
            $"{batches} batches with {tree.Size} entries: every one is whole and names the hash of the one before it.",
        ];
        if (signed.Size < tree.Size) return new(false, [.. findings, "The newest checkpoint covers fewer entries."]);
        if (signed.Size > tree.Size)
            return new(true, [.. findings, $"{signed.Size - tree.Size} more came while this was checked."]);
        var same = tree.Root().AsSpan().SequenceEqual(signed.Root);
        return new(same, [.. findings, same
            ? $"Their tree has the root that Control signed ({signed.Origin}, {signed.Size} entries)."
            : "Their tree has another root than the one that Control signed."]);
    }
}
