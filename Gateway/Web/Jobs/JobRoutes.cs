using AMA.Archive.Retention;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Problems;
using AMA.Gateway.Web.Session;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Jobs;

/// <summary>
/// What a tenant's people decide about keys: jobs, export requests, how long leases last. Control checks role and
/// session of every call.
/// </summary>
internal static class JobRoutes
{
    private const int HashDigits = 64;

    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Keys");
        group.MapGet("/jobs", ListAsync).WithName("ListJobs").Answers(401, 403, 503);
        group.MapPost("/jobs", OpenAsync).WithName("OpenJob").Answers(401, 403, 409, 503);
        group.MapDelete("/jobs/{id}", EndAsync).WithName("EndJob").Answers(401, 403, 404, 503);
        group.MapGet("/exports", ListExportsAsync).WithName("ListExports").Answers(401, 403, 503);
        group.MapPost("/exports", OpenExportAsync).WithName("OpenExport").Answers(401, 403, 409, 503);
        group.MapPost("/exports/{id}/approval", ApproveAsync).WithName("ApproveExport").Answers(401, 403, 404, 503);
        group.MapGet("/lease-policy", PolicyAsync).WithName("LeasePolicy").Answers(401, 403, 503);
        group.MapPut("/lease-policy", SetPolicyAsync).WithName("SetLeasePolicy").Answers(401, 403, 503);
    }

    /// <summary>The tenant's maintenance jobs</summary>
    internal static async Task<Ok<JobsShape>> ListAsync(SessionToken token, IClusters clusters)
    {
        var jobs = await clusters.Jobs(token.RequireTenant()).List(token.Text);
        return TypedResults.Ok(new JobsShape([.. jobs.Select(Shape)]));
    }

    /// <summary>Open a maintenance job</summary>
    /// <remarks>By a tenant-admin. Until it ends, the back end may open records of these parts, at this rate.</remarks>
    internal static async Task<Created<JobShape>> OpenAsync(SessionToken token, NewJobShape body, IClusters clusters)
    {
        var job = await clusters.Jobs(token.RequireTenant()).Open(token.Text, new(
            body.Purpose, RetentionPart.DefaultClass, body.FirstEpoch, body.LastEpoch, body.RecordsPerMinute, body.EndsAt));
        await LookHint.TryGiveAsync(token, clusters);
        return TypedResults.Created((string?)null, Shape(job));
    }

    /// <summary>End a maintenance job</summary>
    /// <param name="id">The job's id.</param>
    internal static async Task<Ok<JobShape>> EndAsync(SessionToken token, string id, IClusters clusters) =>
        TypedResults.Ok(Shape(await clusters.Jobs(token.RequireTenant()).End(token.Text, Id(id, "job"))));

    /// <summary>The tenant's export requests</summary>
    internal static async Task<Ok<ExportsShape>> ListExportsAsync(SessionToken token, IClusters clusters)
    {
        var exports = await clusters.Exports(token.RequireTenant()).List(token.Text);
        return TypedResults.Ok(new ExportsShape([.. exports.Select(Shape)]));
    }

    /// <summary>Open an export request</summary>
    /// <remarks>By an auditor. Nothing is given out before two officers have approved.</remarks>
    internal static async Task<Created<ExportShape>> OpenExportAsync(
        SessionToken token, NewExportShape body, IClusters clusters)
    {
        var parts = body.Parts.Select(part => new ExportPart(
            RetentionPart.DefaultClass, part.Epoch, part.Generation, part.Leaves));
        var export = await clusters.Exports(token.RequireTenant()).Open(
            token.Text, new([.. parts], Hash(body.LegalBasisSha256), body.EndsAt));
        return TypedResults.Created((string?)null, Shape(export));
    }

    /// <summary>Approve an export request</summary>
    /// <remarks>By a security officer of the tenant and one of the provider; neither of them opened it.</remarks>
    /// <param name="id">The request's id.</param>
    internal static async Task<Ok<ExportShape>> ApproveAsync(SessionToken token, string id, IClusters clusters) =>
        TypedResults.Ok(Shape(
            await clusters.Exports(token.RequireTenant()).Approve(token.Text, Id(id, "export request"))));

    /// <summary>How long leases of the tenant's keys last</summary>
    internal static async Task<Ok<LeasePolicyShape>> PolicyAsync(SessionToken token, IClusters clusters) =>
        TypedResults.Ok(Shape(await clusters.LeasePolicy(token.RequireTenant()).Policy(token.Text)));

    /// <summary>Set how long leases of the tenant's keys last</summary>
    /// <remarks>By a tenant-admin. Shorter: a revocation that is not heard ends sooner, and Control is asked more often.</remarks>
    internal static async Task<Ok<LeasePolicyShape>> SetPolicyAsync(
        SessionToken token, NewLeasePolicyShape body, IClusters clusters) =>
        TypedResults.Ok(Shape(
            await clusters.LeasePolicy(token.RequireTenant()).SetPolicy(token.Text, body.TtlSeconds)));

    /// <summary>What is no id is nobody's: the same answer as for one that there isn't.</summary>
    private static Guid Id(string text, string what) => Guid.TryParseExact(text, "N", out var id)
        ? id
        : throw new ProblemException(Problem.NotFound($"There is no such {what}."));

    private static byte[] Hash(string digits) =>
        digits.Length == HashDigits && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits)
            : throw new ProblemException(Problem.BadRequest("legalBasisSha256 has 64 hex digits."));

    private static JobShape Shape(JobView job) => new(
        job.Id.ToString("N"), job.Purpose, job.FirstEpoch, job.LastEpoch, job.LeavesPerMinute, job.OpenedBy, job.OpenedAt, job.EndsAt,
        job.Open, job.LeavesGiven, job.Done, job.Total, job.Fault, job.FinishedAt);

    private static ExportShape Shape(ExportView export) => new(
        export.Id.ToString("N"), export.Records, Convert.ToHexStringLower(export.LegalBasisSha256), export.OpenedBy, export.OpenedAt,
        export.EndsAt, export.Approvals, export.Approved);

    private static LeasePolicyShape Shape(LeasePolicyView policy) => new(policy.TtlSeconds, policy.RegionTtlSeconds);
}
