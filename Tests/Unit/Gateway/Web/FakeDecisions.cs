using AMA.Grains.Interfaces.Control;

namespace AMA.Tests.Unit.Gateway.Web;

/// <summary>Jobs, export requests and lease policy as Control would answer; remembers what it was asked for.</summary>
internal sealed class FakeDecisions : IJobsGrain, IExportsGrain, ILeasePolicyGrain, IErasureOrdersGrain
{
    private static readonly Guid Id = new("33333333333333333333333333333333");
    private static readonly DateTimeOffset At = new(2026, 12, 1, 9, 0, 0, TimeSpan.Zero);

    public List<NewJob> Opened { get; } = [];
    public List<NewExport> Requested { get; } = [];
    public List<ErasureOrderView> Orders { get; } = [];
    public List<Guid> Ended { get; } = [];
    public List<Guid> Approved { get; } = [];
    public int? TtlSeconds { get; private set; }

    /// <summary>Of the jobs: null, while they are open.</summary>
    public DateTimeOffset? FinishedAt { get; set; }
    public bool AllEnded { get; set; }

    Task<JobView> IJobsGrain.Open(string accessToken, NewJob job)
    {
        Opened.Add(job);
        return Task.FromResult(View(job, open: true));
    }

    public Task<JobView> End(string accessToken, Guid job)
    {
        Ended.Add(job);
        return Task.FromResult(View(Opened[^1], open: false));
    }

    Task<JobView[]> IJobsGrain.List(string accessToken) =>
        Task.FromResult<JobView[]>([.. Opened.Select(job => View(job, open: !AllEnded))]);

    Task<ExportView> IExportsGrain.Open(string accessToken, NewExport export)
    {
        Requested.Add(export);
        return Task.FromResult(View(export));
    }

    public Task<ExportView> Approve(string accessToken, Guid export)
    {
        Approved.Add(export);
        return Task.FromResult(View(Requested[^1]) with { Approvals = ["olga", "piet"], Approved = true });
    }

    Task<ExportView[]> IExportsGrain.List(string accessToken) =>
        Task.FromResult<ExportView[]>([.. Requested.Select(View)]);

    Task<ErasureOrderView> IErasureOrdersGrain.Open(string accessToken, Guid[] records) =>
        Order(accessToken, new(OrderKind.Erase, records, 0, 0));

    public Task<ErasureOrderView> Order(string accessToken, NewOrder order)
    {
        Orders.Add(new(Id, order.Records, "wilma", At, null, null, null, null, order.Kind, order.Epoch));
        return Task.FromResult(Orders[^1]);
    }

    Task<ErasureOrderView> IErasureOrdersGrain.Approve(string accessToken, Guid order) =>
        Task.FromResult(Orders[^1] = Orders[^1] with { ApprovedBy = "anna" });

    Task<ErasureOrderView[]> IErasureOrdersGrain.List(string accessToken) => Task.FromResult(Orders.ToArray());

    Task<ErasureTask[]> IErasureOrdersGrain.Waiting(byte[] signedRequest) => throw new NotSupportedException();

    Task IErasureOrdersGrain.CarryOut(byte[] signedRequest) => throw new NotSupportedException();

    Task IErasureOrdersGrain.Finish(byte[] signedRequest) => throw new NotSupportedException();

    public Task<LeasePolicyView> Policy(string accessToken) => Task.FromResult(new LeasePolicyView(TtlSeconds, 3600));

    public Task<LeasePolicyView> SetPolicy(string accessToken, int? ttlSeconds)
    {
        TtlSeconds = ttlSeconds;
        return Policy(accessToken);
    }

    private JobView View(NewJob job, bool open) => new(
        Id, job.Purpose, job.Class, job.FirstEpoch, job.LastEpoch, job.LeavesPerMinute, "anna", At, job.EndsAt, open, 42,
        40, 50, "", FinishedAt);

    private static ExportView View(NewExport export) => new(
        Id, export.Parts.Sum(part => part.Leaves.Length), export.LegalBasisSha256, "wilma", At, export.EndsAt, [], false);
}
