using System.Security.Cryptography;
using AMA.Archive.Blobs;
using AMA.Archive.Keys;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>
/// Reads Control's audit log as an auditor would: the chain without keys, the entries with them. One store has every
/// entry that was answered; the other may be a moment behind.
/// </summary>
internal static class AuditTrail
{
    public static async Task<List<AuditEntry>> ReadAsync(ControlWorld world)
    {
        using var key = world.Service<KeyRing>().Derive("ama/control-audit@v1");
        var inA = await ReadAsync(world.AuditA, key);
        var inB = await ReadAsync(world.AuditB, key);
        return inA.Count > inB.Count ? inA : inB;
    }

    /// <summary>
    /// The newest entry about one kind of act. Rounds write entries too, whenever time passes, so the newest of all may
    /// be another's.
    /// </summary>
    public static async Task<AuditEntry> LastAsync(ControlWorld world, AuditAct act) =>
        (await ReadAsync(world)).Last(entry => entry.Act == act);

    private static async Task<List<AuditEntry>> ReadAsync(IBlobStore store, Secret key)
    {
        var entries = new List<AuditEntry>();
        var previous = new byte[32];
        await foreach (var blob in store.ListAsync(AuditBatch.Prefix, null, CancellationToken.None))
        {
            var content = (await store.GetAsync(blob.Name, CancellationToken.None))!.Content.ToArray();
            var batch = AuditBatch.Open(key, content);
            Assert.Equal(AuditBatch.NameOf(batch.Number), blob.Name);
            Assert.Equal(previous, batch.Previous);
            previous = SHA256.HashData(content);
            entries.AddRange(batch.Lines.Select(line => AuditEntry.Decode(line.Entry)));
        }
        return entries;
    }
}
