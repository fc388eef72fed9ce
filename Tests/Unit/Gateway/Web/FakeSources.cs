using AMA.Grains.Interfaces.Control;

namespace AMA.Tests.Unit.Gateway.Web;

/// <summary>Control's word on one tenant's sources.</summary>
internal sealed class FakeSources : ISourcesGrain
{
    public static readonly Guid Tenant = new(7, 0, 0, new byte[8]);
    public static readonly Guid Office = new(1, 0, 0, new byte[8]);
    public static readonly Guid Branch = new(2, 0, 0, new byte[8]);

    public List<(Guid Source, int Seconds)> Expected { get; } = [];

    public Task<SourcesView> List(string token) => Task.FromResult(new SourcesView(Tenant,
    [
        new(Office, "auth", "acme.abcd", null, null, null, 7_200), new(Branch, "network", null, null, "192.0.2.0/24", null),
    ]));

    public Task<SourcesChange> Expect(string token, Guid source, int seconds)
    {
        Expected.Add((source, seconds));
        return Task.FromResult(new SourcesChange(
            new(source, "auth", "acme.abcd", null, null, null, seconds == 0 ? null : seconds), 3));
    }

    public Task<SourcesChange> Add(string token, NewSource source) => throw new NotSupportedException();

    public Task<SourcesChange> Remove(string token, Guid source) => throw new NotSupportedException();

    public Task<TenantView> Change(string token, TenantChange change) => throw new NotSupportedException();
}
