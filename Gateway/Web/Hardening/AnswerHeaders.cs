using Microsoft.AspNetCore.Http;

namespace AMA.Gateway.Web.Hardening;

/// <summary>
/// Headers of every answer, set before anything else runs. Strictest by default; a route that needs more (the page at
/// "/" and its style) opens just that.
/// </summary>
internal static class AnswerHeaders
{
    public const string ContentPolicy =
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void Set(IHeaderDictionary headers)
    {
        // What an archive answers is somebody's mail: no cache on the way or on the disk may keep it.
        headers.CacheControl = "no-store";
        // A stranger's mail must never be taken for HTML or script.
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        Set(context.Response.Headers);
        return next(context);
    }
}
