using System.Threading.RateLimiting;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Problems;
using Microsoft.AspNetCore.Http;

namespace AMA.Gateway.Web.Hardening;

/// <summary>
/// So many tries a minute for one account, wherever they come from and whether there is such an account or not; the
/// rest 429. Cheap, in this gateway's memory: Control's lock-out is what lasts.
/// </summary>
internal sealed class AccountLimit(WebGatewayOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(
        account => RateLimitPartition.GetFixedWindowLimiter(account, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.SignInsPerAccountMax, Window = SignInLimit.Window, QueueLimit = 0,
        }));

    /// <summary>Throws <see cref="ProblemException"/> (429).</summary>
    public async ValueTask AdmitAsync(TenantName tenant, string user)
    {
        using var lease = await _limiter.AcquireAsync($"{tenant}/{user.Trim().ToLowerInvariant()}");
        if (lease.IsAcquired) return;
        throw new ProblemException(Problem.OfStatus(StatusCodes.Status429TooManyRequests) with
        {
            Detail = "Too many attempts for this account. Wait a little.",
            RetryAfterSeconds = (int)SignInLimit.Window.TotalSeconds,
        });
    }

    public void Dispose() => _limiter.Dispose();
}
