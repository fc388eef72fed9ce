using System.Security.Cryptography;
using System.Text;
using AMA.Gateway.Web.Hardening;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Home;

/// <summary>The page at "/": tells a person with a browser what this is. No scripts, nothing from elsewhere.</summary>
internal static class HomePage
{
    private const string Style = """
        :root{color-scheme:light dark}
        body{font:1rem/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1.5rem}
        h1{font-size:1.5rem}
        code,pre{font-family:ui-monospace,monospace;font-size:.9rem}
        pre{padding:.75rem 1rem;border:1px solid #8886;border-radius:.4rem;overflow-x:auto}
        dt{font-family:ui-monospace,monospace;margin-top:.6rem}
        dd{margin:0 0 0 1.5rem}
        """;

    private const string Page = $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>AMA: e-mail archive</title>
        <style>{Style}</style>
        </head>
        <body>
        <main>
        <h1>AMA: e-mail archive</h1>
        <p>This is the archive's REST gateway. Mail goes in over SMTP with TLS; here it is found and read again.</p>
        <p>With the <code>ama</code> command:</p>
        <pre>ama login --tenant TENANT --user USER
        ama search 'from:anna subject:invoice after:2026-01-01'
        ama get ID --raw -o message.eml
        ama status</pre>
        <p>For programs:</p>
        <dl>
        <dt><a href="/openapi/v1.json">/openapi/v1.json</a></dt><dd>every route, described (OpenAPI)</dd>
        <dt>POST /v1/session</dt><dd>sign in; the token goes with every request</dd>
        <dt>GET /v1/messages?q=</dt><dd>search</dd>
        <dt>GET /v1/status</dt><dd>counters: accepted, archived, indexed, waiting</dd>
        <dt><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a></dt><dd>for load balancers</dd>
        </dl>
        </main>
        </body>
        </html>
        """;

    /// <summary>Lets this one style through by its hash, and nothing else.</summary>
    private static readonly string ContentPolicy = AnswerHeaders.ContentPolicy
        + $"; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'";

    public static void MapHome(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/", Show).ExcludeFromDescription();

    private static IResult Show(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentPolicy;
        return TypedResults.Content(Page, "text/html; charset=utf-8");
    }
}
