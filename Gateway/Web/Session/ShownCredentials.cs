using AMA.Archive.Access;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Hardening;
using AMA.Gateway.Web.Problems;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Http;

namespace AMA.Gateway.Web.Session;

/// <summary>From a body to what Control is shown, within the account's own limit of tries.</summary>
internal sealed class ShownCredentials(AccountLimit limit, IHttpContextAccessor request)
{
    private const int CodeCharsMax = 64;

    /// <summary>Throws 401 for what can't be anybody's, 429 beyond the limit.</summary>
    public async ValueTask<(TenantName Tenant, Credentials Credentials)> OfAsync(SignInShape body)
    {
        if (!TenantName.TryParse(body.Tenant, out var tenant)
            || body.User is not { Length: > 0 and <= DirectoryRules.UserNameCharsMax }
            || body.Password is not { Length: > 0 and <= DirectoryRules.PasswordCharsMax }
            || body.Code is { Length: > CodeCharsMax })
            throw new ProblemException(Problem.NotSignedIn(Credentials.Refused));
        await limit.AdmitAsync(tenant, body.User);
        var from = SignInLimit.Source(request.HttpContext?.Connection.RemoteIpAddress);
        return (tenant, new(body.User, body.Password, body.Code, from.Length > 0 ? from : null));
    }
}
