using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Session;
using Microsoft.AspNetCore.Http;

namespace AMA.Gateway.Web.Tenants;

/// <summary>A session's token or the operator's secret, as sent: Control decides what its holder may.</summary>
internal readonly record struct KeeperToken
{
    private readonly SessionToken _session;

    private KeeperToken(string text)
    {
        Text = text;
        SessionToken.TryRead(text, out _session);
    }

    public string Text { get; }

    /// <summary>False: the operator's secret.</summary>
    public bool IsSession => _session.IsRead;

    /// <summary>A session's tenant is the one it was opened at; the operator names one.</summary>
    public bool Reaches(TenantName tenant) => !_session.IsRead || _session.TenantName == tenant;

    /// <summary>Read from the request before a handler that takes one runs.</summary>
    public static ValueTask<KeeperToken> BindAsync(HttpContext context) =>
        new(new KeeperToken(Bearer.Read(context.Request)));

    public override string ToString() => "[token]";
}
