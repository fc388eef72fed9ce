using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AMA.Gateway.Web.Hardening;

/// <summary>What one caller may cost us before any route has run.</summary>
internal static class ServerLimits
{
    /// <summary>The largest JSON body: a tenant with some hundred journal addresses. Beyond: 413.</summary>
    public const long BodyBytesMax = 64 * 1024;

    /// <summary>
    /// Method, path and query. A query of 2,000 characters may take nine bytes each when percent-encoded; 24 KiB
    /// holds that and a cursor. Beyond: 414.
    /// </summary>
    public const int RequestLineBytesMax = 24 * 1024;

    /// <summary>A token may take 24 KiB of it (<see cref="AMA.Archive.Access.AccessGrant.TokenCharsMax"/>).</summary>
    public const int HeaderBytesMax = 32 * 1024;
    public const int HeadersMax = 50;
    public static readonly TimeSpan HeadersWait = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(2);

    public static void Set(KestrelServerOptions kestrel, int connectionsMax)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = connectionsMax;
        kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
        kestrel.Limits.MaxRequestLineSize = RequestLineBytesMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
        kestrel.Limits.MaxRequestHeaderCount = HeadersMax;
        kestrel.Limits.RequestHeadersTimeout = HeadersWait;
        kestrel.Limits.KeepAliveTimeout = KeepAlive;
    }
}
