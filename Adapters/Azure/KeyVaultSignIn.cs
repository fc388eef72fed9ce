using AMA.Archive.Keys.Roots;
using Azure.Core;
using Azure.Core.Pipeline;

namespace AMA.Adapters.Azure;

/// <summary>
/// A vault says itself whose token it wants: the first request goes out without its body (what answers may be anybody),
/// the 401 names directory and resource, then the request goes again, whole. A later 401 may ask for claims (continuous
/// access evaluation). Bodies are kept with their own message, never with the client: two messages at once must not
/// send each other's.
/// </summary>
internal sealed class KeyVaultSignIn(TokenCredential credential)
    : BearerTokenAuthenticationPolicy(credential, Array.Empty<string>())
{
    private const int Unauthorized = 401;

    /// <summary>One for directory and resource, one for claims.</summary>
    private const int ChallengesMax = 2;

    private volatile KeyVaultChallenge? _known;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await AuthorizeRequestAsync(message).ConfigureAwait(false);
        await ProcessNextAsync(message, pipeline).ConfigureAwait(false);
        for (var round = 0; round < ChallengesMax && message.Response.Status == Unauthorized; round++)
        {
            if (!await AuthorizeRequestOnChallengeAsync(message).ConfigureAwait(false)) return;
            await ProcessNextAsync(message, pipeline).ConfigureAwait(false);
        }
    }

    protected override async ValueTask AuthorizeRequestAsync(HttpMessage message)
    {
        if (_known is { } known)
        {
            Restore(message);
            await SignAsync(message, known).ConfigureAwait(false);
        }
        else if (message.Request.Content is { } content)
        {
            message.SetProperty(typeof(KeyVaultSignIn), content);
            message.Request.Content = null;
        }
    }

    protected override async ValueTask<bool> AuthorizeRequestOnChallengeAsync(HttpMessage message)
    {
        if (!message.Response.Headers.TryGetValue("WWW-Authenticate", out var header) || header is null) return false;
        if (KeyVaultChallenge.Parse(header) is not { } asked) return false;
        var scope = asked.Scope ?? _known?.Scope;
        if (scope is null) return false;
        CheckResource(scope, message.Request.Uri.Host);
        var challenge = asked with { Scope = scope, Tenant = asked.Tenant ?? _known?.Tenant };
        _known = challenge with { Claims = null };
        Restore(message);
        await SignAsync(message, challenge).ConfigureAwait(false);
        return true;
    }

    private ValueTask SignAsync(HttpMessage message, KeyVaultChallenge challenge) =>
        AuthenticateAndAuthorizeRequestAsync(message, new TokenRequestContext(
            [challenge.Scope!], message.Request.ClientRequestId, challenge.Claims, challenge.Tenant, isCaeEnabled: true));

    private static void Restore(HttpMessage message)
    {
        if (message.Request.Content is null && message.TryGetProperty(typeof(KeyVaultSignIn), out var kept)
            && kept is RequestContent content) message.Request.Content = content;
    }

    /// <summary>A host that names another's resource would get a token that is good there.</summary>
    private static void CheckResource(string scope, string? host)
    {
        if (Uri.TryCreate(scope, UriKind.Absolute, out var uri) && host is not null
            && host.EndsWith($".{uri.Host}", StringComparison.OrdinalIgnoreCase)) return;
        throw new KeyRootException(KeyRootFault.Misconfigured,
            $"{host} asks for a token for {scope}, which is not its own: is AMA:Control:KeyVault:Uri right?");
    }
}
