using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Identity;
using AMA.Grains.Control.Jobs;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Revocations;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.Leases;

/// <summary>What a grant rests on beside the tenant's own keys.</summary>
/// <param name="QueueKeys">For purpose queue; otherwise empty.</param>
/// <param name="NotAfter">When the job or export request ends, and the lease with it; null: neither.</param>
/// <param name="JobPurpose">Of the job; null: for none.</param>
internal sealed record LeaseBasis(
    IReadOnlyList<QueueKey> QueueKeys, DateTimeOffset? NotAfter = null, JobPurpose? JobPurpose = null)
{
    /// <summary>For purpose partition; otherwise empty.</summary>
    public PartitionKey[] PartitionKeys { get; init; } = [];
}

/// <summary>
/// What other parts of Control say about a request: whether its silo's start, its person's session, its job or export
/// request still stand. Throws <see cref="LeaseRefusedException"/>.
/// </summary>
public sealed class LeaseChecks(KeyRing ring, IGrainFactory grains)
{
    private string Region => ring.Region.Text();

    public async Task RefuseDeadStart(LeaseRequest request)
    {
        var identity = grains.GetGrain<IStartsGrain>(Region);
        if (!await identity.IsNewest(request.SiloId, request.Incarnation, request.KemPublicKey))
            throw Refused("not the silo's newest start, or another key");
    }

    /// <summary>A token outlives a sign-out; what it opens does not.</summary>
    public async Task RefuseSignedOut(AccessGrant? person)
    {
        if (person is null) return;
        var sessions = grains.SessionsOf(ring.Region, person.Tenant, person.Session);
        if (!await sessions.IsLive(person.Session)) throw Refused("the session has ended");
    }

    /// <summary>
    /// A lease that is renewed, or extended, counts from its grant; a new one from now. One that was revoked may still
    /// say what it used, unless whoever says so is held.
    /// </summary>
    public async Task RefuseRevoked(LeaseRequest request, AccessGrant? person, DateTimeOffset? grantedAt)
    {
        var reason = await grains.GetGrain<IRevokingGrain>(Region).Refusal(
            new(request.Tenant, request.SiloId, person?.Session, request.LeaseId, grantedAt));
        if (reason is not null) throw Refused(reason);
    }

    internal async Task<LeaseBasis> BasisOf(LeaseRequest request)
    {
        if (request.Purpose == LeasePurpose.Queue)
        {
            var keys = grains.GetGrain<IQueueKeysGrain>(Region);
            if (request.Reports is [var spool]) await keys.Report(spool.Epoch);
            return new(await keys.Current());
        }
        if (request.Purpose == LeasePurpose.Partition)
        {
            uint? oldest = request.Reports is [var disk] ? disk.OldestIndexVersion : null;
            return new([])
            {
                PartitionKeys = await grains.GetGrain<IPartitionKeysGrain>(Region).Current(request.SiloId, oldest),
            };
        }
        if (request is not { Job: { } job, Tenant: { } tenant }) return new([]);
        var key = $"{Region}/{tenant:N}";
        var leaves = ExportParts.Of(request.Targets);
        try
        {
            if (request.Purpose == LeasePurpose.Export)
                return new([], await grains.GetGrain<IApprovedExportsGrain>(key).Check(job, leaves));
            var ticket = await grains.GetGrain<IOpenJobsGrain>(key).Take(job, leaves);
            return new([], ticket.EndsAt, ticket.Purpose);
        }
        catch (ControlException no)
        {
            throw new LeaseRefusedException(
                no.Refusal == ControlRefusal.Unavailable ? LeaseRefusal.Unavailable : LeaseRefusal.NotAuthorised,
                no.Message.TrimEnd('.'));
        }
    }

    private static LeaseRefusedException Refused(string why) => new(LeaseRefusal.NotAuthorised, why);
}
