using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using AMA.Gateway.Web.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;

namespace AMA.Gateway.Web.Hardening;

/// <summary>
/// Slows guessing of passwords down: so many sign-ins a minute from one address, the rest 429. An account's own limit
/// is <see cref="AccountLimit"/>.
/// </summary>
internal static class SignInLimit
{
    public const string Policy = "sign-in";
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static void Add(IServiceCollection services, int perMinuteMax) => services.AddRateLimiter(limiter =>
    {
        limiter.AddPolicy(Policy, context => RateLimitPartition.GetFixedWindowLimiter(
            Source(context.Connection.RemoteIpAddress),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = perMinuteMax, Window = Window, QueueLimit = 0 }));
        limiter.OnRejected = static (rejected, _) => new(ProblemAnswers.WriteAsync(rejected.HttpContext,
            Problem.OfStatus(StatusCodes.Status429TooManyRequests) with
            {
                RetryAfterSeconds = (int)Window.TotalSeconds,
            }));
    });

    /// <summary>Whoever has one IPv6 address has its whole /64: they count together.</summary>
    internal static string Source(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}
