using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Directory;
using Microsoft.AspNetCore.Http;

namespace AMA.Silo.Control.Admin;

/// <summary>Who asks at the admin socket: the holder of the operator token, and that is on record before it helps.</summary>
public sealed class AdminGate(OperatorRecord record, TimeProvider time)
{
    private const string Scheme = "Bearer ";

    /// <summary>
    /// Returns when the token of the request's Authorization header is right and the entry durable. Throws
    /// <see cref="AMA.Grains.Interfaces.Control.ControlException"/>; a wrong token is on record too.
    /// </summary>
    /// <param name="more">Adds to the entry what the request is about.</param>
    public Task AdmitAsync(HttpContext context, AuditAct act, Func<AuditEntry, AuditEntry>? more = null)
    {
        var entry = new AuditEntry(act, true, time.GetUtcNow());
        return record.AdmitAsync(TokenOf(context.Request), more is null ? entry : more(entry));
    }

    private static string? TokenOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { } text && text.StartsWith(Scheme, StringComparison.Ordinal)
            ? text[Scheme.Length..].Trim()
            : null;
}
