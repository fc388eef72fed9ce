using System.Text.Json;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Log.Merkle;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Keys;

namespace AMA.Grains.Control.Audit;

/// <summary>What the log is sealed and signed with.</summary>
internal sealed class AuditKeys(KeyRing ring, IRandom random) : IDisposable
{
    private readonly Secret _batches = ring.Derive("ama/control-audit@v1");
    private readonly Secret _heads = ring.Derive("ama/control-audit-head@v1");

    private static ReadOnlySpan<byte> HeadContext => "ama/control-audit-head@v1"u8;

    public string Origin { get; } = AuditOrigin.Of(ring.Region, ring.RestoreGeneration);

    /// <summary>
    /// Where checkpoints lie. Each restore of Control has a place of its own: when both stores were lost the log begins
    /// anew, and what was signed before is no longer expected of it.
    /// </summary>
    public string CheckpointPrefix { get; } = CheckpointPrefixOf(ring.RestoreGeneration);

    public static string CheckpointPrefixOf(uint restoreGeneration) =>
        restoreGeneration == 0 ? "checkpoint/" : $"checkpoint-{restoreGeneration}/";

    public string CheckpointName(long size) => $"{CheckpointPrefix}{size:D14}.note";

    public IRandom Random => random;

    public byte[] Seal(AuditBatch batch) => batch.Seal(_batches, random);

    public AuditBatch OpenBatch(ReadOnlySpan<byte> blob) => AuditBatch.Open(_batches, blob);

    public byte[] Seal(AuditHead head) => Cobblestone.Seal(
        _heads.Span, HeadContext, JsonSerializer.SerializeToUtf8Bytes(head, AuditHeadJson.Default.AuditHead), random);

    /// <summary>Null for what isn't a head of this Control: a start does without.</summary>
    public AuditHead? OpenHead(ReadOnlySpan<byte> blob)
    {
        try
        {
            var json = Cobblestone.Open(_heads.Span, HeadContext, blob);
            return JsonSerializer.Deserialize(json, AuditHeadJson.Default.AuditHead);
        }
        catch (Exception fault) when (fault is SealException or JsonException)
        {
            return null;
        }
    }

    public string Sign(Checkpoint checkpoint) => SignedNote.Sign(checkpoint.Text, Origin, ring.Signing);

    /// <summary>The checkpoint in a note of this Control; null for any other note.</summary>
    public Checkpoint? Verify(string note) => Signed(note)?.Checkpoint;

    /// <summary>How readers check the note: by the key that signed it, which may have a successor by now.</summary>
    public string VerifierOf(string? note) => SignedNote.VerifierKey(
        Origin, note is not null && Signed(note) is { } signed ? signed.Key : ring.AllSigningKeys.First());

    private (Checkpoint Checkpoint, byte[] Key)? Signed(string note)
    {
        foreach (var key in ring.AllSigningKeys)
            if (Checkpoint.TryVerify(note, Origin, key, out var checkpoint)) return (checkpoint, key);
        return null;
    }

    public void Dispose()
    {
        _batches.Dispose();
        _heads.Dispose();
    }
}

/// <summary>The log's name in its checkpoints.</summary>
public static class AuditOrigin
{
    /// <param name="restoreGeneration">Another log than before the restore, so another name.</param>
    public static string Of(Region region, uint restoreGeneration = 0) => restoreGeneration == 0
        ? $"ama.example/{region.Text()}/control-audit"
        : $"ama.example/{region.Text()}/control-audit/{restoreGeneration}";
}
