using System.Text;

namespace AMA.Adapters.Azure;

/// <summary>What a vault asks for: "Bearer authorization=…, resource=…", or claims for one more round.</summary>
/// <param name="Scope">Null in a round for claims that names no resource: the one known already holds.</param>
/// <param name="Tenant">The directory that gives the token; null where the challenge names none.</param>
/// <param name="Claims">JSON for the token request, or null.</param>
internal sealed record KeyVaultChallenge(string? Scope, string? Tenant, string? Claims)
{
    private const string Scheme = "Bearer ";

    /// <summary>Null: no challenge that can be answered.</summary>
    public static KeyVaultChallenge? Parse(string header)
    {
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var values = Values(header[Scheme.Length..]);
        var scope = values.TryGetValue("resource", out var resource) ? resource.TrimEnd('/') + "/.default"
            : values.GetValueOrDefault("scope");
        var authority = values.GetValueOrDefault("authorization") ?? values.GetValueOrDefault("authorization_uri");
        var claims = values.GetValueOrDefault("error") == "insufficient_claims"
            ? Decoded(values.GetValueOrDefault("claims")) : null;
        return scope is null && claims is null ? null : new(scope, TenantOf(authority), claims);
    }

    private static string? TenantOf(string? authority) => Uri.TryCreate(authority, UriKind.Absolute, out var uri)
        && uri.AbsolutePath.Trim('/').Split('/')[0] is { Length: > 0 } tenant && tenant != "common" ? tenant : null;

    private static string? Decoded(string? claims)
    {
        if (claims is null) return null;
        var padded = claims.Replace('-', '+').Replace('_', '/').PadRight((claims.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var count) ? Encoding.UTF8.GetString(bytes, 0, count) : null;
    }

    /// <summary>name="value" pairs between commas; a comma inside quotes is part of the value.</summary>
    private static Dictionary<string, string> Values(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var quoted = false;
        var from = 0;
        for (var at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && text[at] == '"') quoted = !quoted;
            if (at < text.Length && (quoted || text[at] != ',')) continue;
            var pair = text[from..at];
            var equals = pair.IndexOf('=');
            if (equals > 0) values[pair[..equals].Trim()] = pair[(equals + 1)..].Trim().Trim('"');
            from = at + 1;
        }
        return values;
    }
}
