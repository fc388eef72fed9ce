using AMA.Grains.Interfaces.Control;

namespace AMA.Tests.Unit.Gateway.Web;

internal sealed class FakeAudit : IAuditReaderGrain
{
    public List<(string Token, AuditQuestion Question)> Asked { get; } = [];

    public AuditPage Page { get; set; } = new([], null, "", "");

    public Task<AuditPage> Tenant(string accessToken, AuditQuestion question)
    {
        Asked.Add((accessToken, question));
        return Task.FromResult(Page);
    }
}
