using AMA.Adapters.Hosting;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Leases;

/// <summary>
/// Asks Control for leases and puts what it gets into the silo's <see cref="LeaseHolder"/>. Control being away, or its
/// no, is <see cref="ArchiveException"/> (Locked): whatever needed the key waits.
/// </summary>
public sealed class LeaseClient(
    SiloIdentity identity,
    LeaseHolder holder,
    [FromKeyedServices(ClusterNames.Control)] RemoteCluster control,
    TimeProvider time,
    ILogger<LeaseClient> log)
{
    private const uint FirstGeneration = 0;

    public Region Region => identity.Region;

    /// <summary>The queue's private keys, for the spool reader of this silo.</summary>
    /// <param name="oldestWeek">
    /// Of the keys that the spool still needs, after a complete look at it; null: not known now.
    /// </param>
    public Task<HeldLease> QueueAsync(ulong? oldestWeek) =>
        HoldAsync(LeasePurpose.Queue, null, request => oldestWeek is { } week
            ? request with { Reports = [IngestReport.OfQueue(week)] }
            : request);

    /// <summary>The keys of this silo's own disk. The caller clones what it needs and disposes of the lease.</summary>
    /// <param name="oldestNeeded">No file here needs an older version; null: not known.</param>
    public Task<HeldLease> PartitionAsync(ulong? oldestNeeded) =>
        GrantAsync(LeasePurpose.Partition, null, request => oldestNeeded is { } version
            ? request with { Reports = [IngestReport.OfPartition(checked((uint)version))] }
            : request);

    /// <summary>An unused subtree of the part's tree, with the part's index and tag keys.</summary>
    public async Task<IngestLease> IngestAsync(RetentionPart part)
    {
        var lease = await GrantAsync(
            LeasePurpose.Ingest, part.Tenant, request => request with { Targets = [Target(part)] });
        var ingest = new IngestLease(lease, part);
        holder.Put(ingest);
        return ingest;
    }

    /// <summary>The index keys of a tenant's parts, for one signed-in person.</summary>
    public Task<HeldLease> SearchAsync(TenantId tenant, string accessToken, IEnumerable<RetentionPart> parts) =>
        HoldAsync(LeasePurpose.Search, tenant, request => request with
        {
            AccessToken = accessToken,
            Targets = [.. parts.Select(p => Target(p))],
        });

    /// <summary>The keys of single leaves, for one signed-in person and one look. The caller disposes of the lease.</summary>
    public Task<HeldLease> ReadAsync(RetentionPart part, string accessToken, IEnumerable<TreeLeaf> leaves) =>
        HoldAsync(LeasePurpose.Read, part.Tenant, request => request with
        {
            AccessToken = accessToken,
            Targets = Targets(part, leaves),
        });

    /// <summary>Leaves of messages that were committed but not indexed before a crash. The caller disposes of the lease.</summary>
    public Task<HeldLease> MaintainAsync(RetentionPart part, IEnumerable<TreeLeaf> leaves) =>
        HoldAsync(LeasePurpose.Maintain, part.Tenant, request => request with { Targets = Targets(part, leaves) });

    /// <summary>
    /// For a re-seal job: those of these leaves of the old tree that were not erased, a subtree of the fresh one as large
    /// as the list, and the part's index and tag keys. The caller gives it back.
    /// </summary>
    public Task<HeldLease> ResealAsync(RetentionPart part, Guid job, uint generation, uint[] leaves) =>
        HoldAsync(LeasePurpose.Maintain, part.Tenant, request => request with
        {
            Job = job, Targets = [new(part.Class, part.Epoch, generation, leaves)],
        });

    /// <summary>
    /// A part's index keys, to take out what was erased; null: Control knows of nothing erased that the index may hold.
    /// </summary>
    public async Task<HeldLease?> IndexAsync(RetentionPart part)
    {
        try
        {
            return await HoldAsync(
                LeasePurpose.Maintain, part.Tenant, request => request with { Targets = [Target(part)] });
        }
        catch (ArchiveException none) when (none.Refusal == ArchiveRefusal.NotFound)
        {
            return null;
        }
    }

    /// <summary>More time for a lease; false when Control is away or refuses: it then ends by itself.</summary>
    public async Task<bool> RenewAsync(HeldLease lease, params IngestReport[] reports)
    {
        try
        {
            await identity.EnsureAsync();
            var request = About(lease, reports);
            var sent = time.GetTimestamp();
            var signed = identity.Sign(request);
            var answer = await GrainOf(lease.Tenant).Renew(signed);
            if (!LeaseGrant.TryVerify(answer, identity.SigningKey, request, out var grant)) throw Forged();
            return lease.Extend(sent, grant);
        }
        catch (Exception e)
        {
            LeaseLog.RenewalFailed(log, lease.Id, lease.Purpose, e.Message);
            return false;
        }
    }

    /// <summary>Gives a lease back and forgets its keys. Control learns what was used, or keeps it all as used.</summary>
    public async Task ReleaseAsync(HeldLease lease, params IngestReport[] reports)
    {
        holder.Drop(lease.Id);
        try
        {
            await GrainOf(lease.Tenant).Release(identity.Sign(About(lease, reports)));
        }
        catch (Exception e)
        {
            LeaseLog.ReleaseFailed(log, lease.Id, e.Message);
        }
    }

    private LeaseRequest About(HeldLease lease, IngestReport[] reports) =>
        identity.Request(lease.Purpose, lease.Tenant) with { LeaseId = lease.Id, Reports = reports };

    /// <summary>The lease, in the holder's keeping: swept at its end and dropped when it is revoked.</summary>
    private async Task<HeldLease> HoldAsync(
        LeasePurpose purpose, TenantId? tenant, Func<LeaseRequest, LeaseRequest> complete)
    {
        var lease = await GrantAsync(purpose, tenant, complete);
        holder.Put(lease);
        return lease;
    }

    private async Task<HeldLease> GrantAsync(
        LeasePurpose purpose, TenantId? tenant, Func<LeaseRequest, LeaseRequest> complete)
    {
        try
        {
            await identity.EnsureAsync();
            var request = complete(identity.Request(purpose, tenant));
            var signed = identity.Sign(request);
            var sent = time.GetTimestamp();
            var answer = await GrainOf(tenant).Grant(signed);
            if (!LeaseGrant.TryVerify(answer, identity.SigningKey, request, out var grant)) throw Forged();
            var lease = new HeldLease(grant.LeaseId, purpose, grant.Fence, time)
            {
                Tenant = tenant, Session = SessionOf(request),
            };
            lease.Extend(sent, grant);
            // None: every part that was asked for has ended.
            if (grant.SealedKeys.Length > 0) lease.Take(LeaseSeal.OpenKeys(grant, signed, identity.Kem));
            return lease;
        }
        catch (ControlException e) when (e.Refusal == ControlRefusal.NotFound && IsOfErased(purpose))
        {
            throw new ArchiveException(ArchiveRefusal.NotFound, $"it is not there, or was erased: {e.Message}");
        }
        catch (ControlException e)
        {
            LeaseLog.Refused(log, purpose, tenant, e.Refusal, e.Message);
            throw new ArchiveException(ArchiveRefusal.Locked, $"the archive is locked: {e.Message}");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LeaseLog.ControlAway(log, purpose, tenant, e.GetType().Name, e.Message);
            throw new ArchiveException(
                ArchiveRefusal.Locked, "the archive is locked: Control, which holds the keys, can't be reached now");
        }
    }

    /// <summary>What is looked at, or looked after, and isn't there: nothing to wait for.</summary>
    private static bool IsOfErased(LeasePurpose purpose) => purpose is LeasePurpose.Read or LeasePurpose.Maintain;

    /// <summary>Control has verified the token when it granted; here it only tells whose lease this is.</summary>
    private static Guid? SessionOf(LeaseRequest request) =>
        AccessGrant.TryReadUnverified(request.AccessToken, out var person) ? person.Session : null;

    private ILeaseGrain GrainOf(TenantId? tenant) => control.Client.GetGrain<ILeaseGrain>(
        tenant is { } id ? $"{identity.Region.Text()}/{id}" : identity.Region.Text());

    /// <summary>For what is the same whatever tree the part has by now: Control takes its newest.</summary>
    private static LeaseTarget Target(RetentionPart part) => new(part.Class, part.Epoch, FirstGeneration, []);

    /// <summary>Leaves of the trees they are in: a part that was sealed anew has had more than one.</summary>
    private static LeaseTarget[] Targets(RetentionPart part, IEnumerable<TreeLeaf> leaves) =>
    [
        .. leaves.GroupBy(leaf => leaf.Generation).Select(tree =>
            new LeaseTarget(part.Class, part.Epoch, tree.Key, [.. tree.Select(leaf => leaf.Leaf)])),
    ];

    private static InvalidOperationException Forged() =>
        new("Control's answer has no valid signature, or answers another request");
}

/// <summary>A leaf of one of a part's key trees.</summary>
public readonly record struct TreeLeaf(uint Generation, uint Leaf);
