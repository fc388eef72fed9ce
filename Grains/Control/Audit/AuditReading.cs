using System.Globalization;
using System.Text.Json;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Log.Merkle;
using AMA.Grains.Control.Jobs;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Control.Audit;

/// <summary>Pages of the log, with proofs. Whoever calls has checked who asks.</summary>
public sealed class AuditReading(KeyRing ring, IGrainFactory grains, IRandom random)
{
    private const int ItemsMax = 200;

    /// <summary>So long a search for a rare entry may hold up one call; the page's cursor goes on from there.</summary>
    private const ulong BatchesMax = 2_000;

    private IAuditGrain Log => grains.GetGrain<IAuditGrain>(ring.Region.Text());

    /// <param name="tenant">Only what concerns it; null: all, which is for operators.</param>
    public async Task<AuditPage> ReadAsync(AuditQuestion question, Guid? tenant)
    {
        using var keys = new AuditKeys(ring, random);
        var end = await Log.Batches();
        var (batch, line) = question.Cursor is { } cursor
            ? Parse(cursor)
            : (await FirstSinceAsync(question.Since, end, keys), 0);
        var found = new List<(long Index, AuditLine Line)>();
        var stop = Math.Min(end, batch + BatchesMax);
        while (batch < stop && found.Count < ItemsMax)
        {
            var read = keys.OpenBatch(await Log.Batch(batch));
            for (; line < read.Lines.Count && found.Count < ItemsMax; line++)
                if (Concerns(read.Lines[line].Entry, question, tenant))
                    found.Add((read.FirstEntry + line, read.Lines[line]));
            if (line < read.Lines.Count) break;
            (batch, line) = (batch + 1, 0);
        }
        var next = batch < end ? string.Create(CultureInfo.InvariantCulture, $"{batch}.{line}") : null;
        return await ProveAsync(found, next, keys);
    }

    private async Task<AuditPage> ProveAsync(List<(long Index, AuditLine Line)> found, string? next, AuditKeys keys)
    {
        var proofs = await Log.Prove([.. found.Select(one => one.Index)]);
        var items = found.Zip(proofs.Paths, (one, path) =>
            new AuditItem(one.Index, one.Line.Entry, one.Line.Salt, path));
        return new([.. items], next, proofs.Checkpoint, keys.VerifierOf(proofs.Checkpoint));
    }

    /// <summary>By the entry's own words: what a later version wrote is found too.</summary>
    private static bool Concerns(byte[] entry, AuditQuestion question, Guid? tenant)
    {
        using var json = JsonDocument.Parse(entry);
        return (tenant is null || TextOf(json, "tenant") == tenant.Value.ToString("N"))
            && (question.Act is null || TextOf(json, "act") == question.Act)
            && (question.Since is null || AuditEntry.Decode(entry).Time >= question.Since);
    }

    private static string? TextOf(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>Times of batches never fall, and no entry is younger than its batch: halving finds the first.</summary>
    private async Task<ulong> FirstSinceAsync(DateTimeOffset? since, ulong end, AuditKeys keys)
    {
        var (low, high) = (0ul, since is null ? 0 : end);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (keys.OpenBatch(await Log.Batch(middle)).Time < since) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static (ulong Batch, int Line) Parse(string cursor)
    {
        var parts = cursor.Split('.');
        return parts.Length == 2
            && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var batch)
            && batch <= long.MaxValue
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var line)
                ? (batch, line)
                : throw new ControlException(ControlRefusal.Invalid, "The cursor is not one of a page before.");
    }
}

[GrainType("ama.control.audit-reader"), StatelessWorker]
public sealed class AuditReaderGrain(PersonGate gate, AuditReading reading) : Grain, IAuditReaderGrain
{
    async Task<AuditPage> IAuditReaderGrain.Tenant(string accessToken, AuditQuestion question)
    {
        RegionCheck.Only(gate.Ring, this.GetPrimaryKeyString());
        // Whose token it is decides what is read: nobody can name a tenant.
        var tenant = AccessGrant.TryReadUnverified(accessToken, out var claimed) ? claimed.Tenant ?? default : default;
        var person = await gate.AdmitAsync(accessToken, tenant, AuditAct.AuditReading, AccessRole.Auditor);
        if (question.Cursor is null)
            await gate.RecordAsync(AuditAct.AuditReading, person, tenant, "read the tenant's part of the audit log");
        return await reading.ReadAsync(question, person.Tenant);
    }
}
