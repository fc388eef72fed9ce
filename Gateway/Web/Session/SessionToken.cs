using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Problems;
using Microsoft.AspNetCore.Http;

namespace AMA.Gateway.Web.Session;

/// <summary>
/// A session's token and the tenant it is for: the only place a tenant ever comes from. Read, not verified: the
/// gateway holds no reason to be believed, so the back end verifies the token on every call, and that the grain asked
/// is its tenant's. A forged token therefore reaches a grain and is refused there.
/// </summary>
internal readonly record struct SessionToken
{
    private SessionToken(string text, TenantId? tenant, TenantName? name) =>
        (Text, Tenant, TenantName) = (text, tenant, name);

    /// <summary>Null: an operator's, who belongs to no tenant.</summary>
    public TenantId? Tenant { get; }

    public string Text { get; }

    /// <summary>Null: an operator's.</summary>
    public TenantName? TenantName { get; }

    /// <summary>False only for default: the text was no token of ours.</summary>
    public bool IsRead => Text is not null;

    public static bool TryRead(string text, out SessionToken session)
    {
        session = default;
        if (!AccessGrant.TryReadUnverified(text, out var grant)) return false;
        TenantName? name = Clusters.TenantName.TryParse(grant.TenantName, out var read) ? read : null;
        session = new(text, grant.Tenant is { } tenant ? new TenantId(tenant) : null, name);
        return true;
    }

    /// <summary>Read from the request before a handler that takes one runs.</summary>
    public static ValueTask<SessionToken> BindAsync(HttpContext context) =>
        TryRead(Bearer.Read(context.Request), out var session)
            ? new(session)
            : throw new ProblemException(Problem.NotSignedIn(
                "The token in the Authorization header is not a session's. Sign in: POST /v1/session."));

    /// <summary>The tenant, or 403: operators see health, never content.</summary>
    public TenantId RequireTenant() =>
        Tenant ?? throw new ProblemException(
            Problem.NotAllowed("This session belongs to no tenant and reads no mail."));

    /// <summary>The tenant's name, or 403: an operator has no session to end.</summary>
    public TenantName RequireTenantName() =>
        TenantName ?? throw new ProblemException(Problem.NotAllowed("This session belongs to no tenant."));

    public override string ToString() => "[session token]";
}
