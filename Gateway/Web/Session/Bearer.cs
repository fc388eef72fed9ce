using AMA.Archive.Access;
using AMA.Gateway.Web.Problems;
using Microsoft.AspNetCore.Http;

namespace AMA.Gateway.Web.Session;

/// <summary>Reads <c>Authorization: Bearer</c> (RFC 6750). Everything unreadable is a 401.</summary>
internal static class Bearer
{
    public static string Read(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        if (header.Count == 0)
            throw Refuse("Sign in first (POST /v1/session) and send the token as 'Authorization: Bearer TOKEN'.");
        const string scheme = "Bearer ";
        if (header.Count > 1 || header[0] is not { } value
            || !value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            throw Refuse("The Authorization header must be one 'Bearer TOKEN'.");
        var token = value.AsSpan(scheme.Length).Trim(' ');
        if (token.IsEmpty || token.Length > AccessGrant.TokenCharsMax || !IsToken(token))
            throw Refuse("The token in the Authorization header is not one of ours. Sign in again.");
        return token.ToString();
    }

    private static ProblemException Refuse(string detail) => new(Problem.NotSignedIn(detail));

    /// <summary>RFC 6750's b64token: nothing that could end a header or a log line.</summary>
    private static bool IsToken(ReadOnlySpan<char> token)
    {
        foreach (var character in token)
            if (!char.IsAsciiLetterOrDigit(character) && !"-._~+/=".Contains(character))
                return false;
        return true;
    }
}
