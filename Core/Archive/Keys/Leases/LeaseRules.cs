using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Retention;

namespace AMA.Archive.Keys.Leases;

/// <summary>What happens to a lease.</summary>
public enum LeaseAct
{
    Register,
    Grant,
    Renew,
    Release,
}

/// <summary>
/// The rules of docs/formats/lease.md that need nothing but the request, the certificate and the clock. Each throws
/// <see cref="LeaseRefusedException"/>.
/// </summary>
public static class LeaseRules
{
    /// <summary>Mail older than this is not waiting in any queue, so nothing asks for keys of its month.</summary>
    private const int QueuedMonthsMax = 24;

    /// <summary>
    /// A request as it was sent: whole, signed, by a silo of this region that our CA knows, about now.
    /// </summary>
    public static LeaseRequest Admit(ReadOnlySpan<byte> signed, PeerTrust trust, Region region, DateTimeOffset now)
    {
        if (!LeaseRequest.TryParse(signed, out var request)) throw Refused("the request is not whole");
        if (!trust.TryVerify(request.Certificate, now, out var trusted))
            throw Refused("the certificate is not one that this CA issued and that is valid now");
        NotAuthorisedUnless(
            LeaseRequest.IsSignedBy(trusted, signed), "the request is not signed with the certificate's key");
        var peer = trusted.Identity;
        NotAuthorisedUnless(peer.Role == PeerRole.Backend, "only back-end silos get leases");
        NotAuthorisedUnless(peer.Region == region, "the silo belongs to another region");
        NotAuthorisedUnless(request.Region == region, "the request is for another region");
        NotAuthorisedUnless(request.SiloId == peer.Name, "the request names another silo than the certificate");
        NotAuthorisedUnless(
            (now - request.SentAt).Duration() <= LeaseLimits.ClockSkewMax, "the request was not sent just now");
        InvalidUnless(Enum.IsDefined(request.Suite), "a suite this Control does not know");
        InvalidUnless(
            request.KemPublicKey.Length == LeaseKemPair.PublicBytesOf(request.Suite),
            "the key for answers has not the length of its suite");
        InvalidUnless(request.Nonce.Length == LeaseLimits.NonceBytes, "the nonce has not 32 bytes");
        return request;
    }

    /// <summary>Purpose, tenant, targets and limits fit each other and the act.</summary>
    public static void CheckForm(LeaseRequest request, LeaseAct act, Guid? tenant)
    {
        InvalidUnless((request.Purpose == LeasePurpose.Register) == (act == LeaseAct.Register), "a wrong purpose");
        NotAuthorisedUnless(request.Tenant == tenant, "the request is for another tenant");
        var regional = request.Purpose is LeasePurpose.Register or LeasePurpose.Queue or LeasePurpose.Partition;
        InvalidUnless(regional == (tenant is null), "the purpose does not fit the tenant");
        InvalidUnless(request.Targets.Length <= LeaseLimits.TargetsMax, "too many targets");
        InvalidUnless(request.Reports.Length <= LeaseLimits.ReportsMax, "too many reports");
        InvalidUnless(request.TtlSeconds >= LeaseLimits.TtlSecondsMin || act is LeaseAct.Register or LeaseAct.Release,
            $"a lease lasts at least {LeaseLimits.TtlSecondsMin} s");
        InvalidUnless(
            request.Intent is null || request.Purpose is LeasePurpose.Erase or LeasePurpose.ReSeal,
            "an intent for nothing");
        InvalidUnless(
            request is { Ranges: null, Progress: null } || request.Purpose == LeasePurpose.ReSeal,
            "ranges or progress for nothing");
        InvalidUnless(request.Ranges is null or { Length: <= LeaseLimits.RangesMax }, "too many ranges");
        if (act == LeaseAct.Grant) CheckTargets(request);
        if (act is LeaseAct.Renew or LeaseAct.Release)
            InvalidUnless(request.LeaseId is not null, "a lease to renew or release must be named");
    }

    /// <summary>The person on whose behalf a lease is asked for, whose token is verified here.</summary>
    public static AccessGrant CheckPerson(
        LeaseRequest request, ReadOnlySpan<byte> signingKey, Region region, DateTimeOffset now)
    {
        if (!AccessGrant.TryVerify(request.AccessToken, signingKey, now, out var person))
            throw Refused("no valid access token");
        NotAuthorisedUnless(person.Role != AccessRole.Operator, "an operator never reads content");
        NotAuthorisedUnless(person.Tenant == request.Tenant && person.Region == region, "a token of another tenant");
        var mayAsk = person.Role == AccessRole.Auditor
            || (person.Role == AccessRole.User && request.Purpose is LeasePurpose.Search or LeasePurpose.Read);
        NotAuthorisedUnless(mayAsk, "the person's role does not allow this purpose");
        return person;
    }

    /// <summary>Mail that may still be waiting was accepted in this part's month.</summary>
    public static void CheckIngestPart(LeaseTarget target, DateTimeOffset now)
    {
        InvalidUnless(target.Class == RetentionPart.DefaultClass, "an unknown retention class");
        var newest = RetentionPart.EpochOf(now + LeaseLimits.ClockSkewMax, RetentionPart.DefaultMonths);
        InvalidUnless(
            target.Epoch <= newest && newest - target.Epoch <= QueuedMonthsMax, "no mail of this epoch can be waiting");
    }

    public static bool NeedsPerson(LeasePurpose purpose) =>
        purpose is LeasePurpose.Search or LeasePurpose.Read or LeasePurpose.Export or LeasePurpose.Audit;

    /// <summary>Others end by themselves, and are asked for anew: for a person while that one is signed in.</summary>
    public static bool IsRenewable(LeasePurpose purpose) => !NeedsPerson(purpose) && purpose != LeasePurpose.Partition;

    private static void CheckTargets(LeaseRequest request)
    {
        if (request.Purpose == LeasePurpose.ReSeal) return; // each call has its own: ResealsGrain
        var leaves = request.Targets.Sum(target => target.Leaves?.Length ?? 0);
        var (targetsExpected, leavesMax) = request.Purpose switch
        {
            LeasePurpose.Queue or LeasePurpose.Audit or LeasePurpose.Partition => (false, 0),
            LeasePurpose.Read => (true, LeaseLimits.ReadLeavesMax),
            LeasePurpose.Export => (true, LeaseLimits.ExportLeavesMax),
            // Without leaves: a part ends.
            LeasePurpose.Erase => request.Intent is null
                ? (false, 0)
                : (true, leaves == 0 ? 0 : LeaseLimits.MaintainLeavesMax),
            // Without leaves: an index is to lose what was erased.
            LeasePurpose.Maintain => (true, request.Job is null && leaves == 0 ? 0 : LeaseLimits.MaintainLeavesMax),
            _ => (true, 0),
        };
        InvalidUnless(targetsExpected == request.Targets.Length > 0, "targets missing, or for nothing");
        InvalidUnless(leavesMax == 0 ? leaves == 0 : leaves > 0, "leaves missing, or for nothing");
        var jobExpected = request.Purpose == LeasePurpose.Export;
        InvalidUnless(
            request.Purpose is LeasePurpose.Maintain or LeasePurpose.Erase || request.Job is not null == jobExpected,
            "an export request missing, or a job for nothing");
        InvalidUnless(leaves <= leavesMax, $"more than {leavesMax} leaves");
        var parts = request.Targets.Select(target => (target.Class, target.Epoch, target.Generation));
        InvalidUnless(parts.Distinct().Count() == request.Targets.Length, "a part is listed twice");
    }

    private static LeaseRefusedException Refused(string why) => new(LeaseRefusal.NotAuthorised, why);

    private static void NotAuthorisedUnless(bool holds, string why) =>
        LeaseRefusedException.Unless(holds, LeaseRefusal.NotAuthorised, why);

    private static void InvalidUnless(bool holds, string why) =>
        LeaseRefusedException.Unless(holds, LeaseRefusal.Invalid, why);
}
