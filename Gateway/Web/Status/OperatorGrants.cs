using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using AMA.Gateway.Web.Clusters;
using AMA.Grains.Interfaces.Control;

namespace AMA.Gateway.Web.Status;

/// <summary>
/// Exchanges the operator token for Control's short-lived grant, once per grant rather than per request: a dashboard
/// that asks each second must not fill Control's audit log, and goes on showing the region for a while without Control.
/// Holds hashes of tokens, not tokens.
/// </summary>
internal sealed class OperatorGrants(IClusters clusters, TimeProvider time)
{
    /// <summary>More right operator tokens than this there cannot be; wrong ones are never kept.</summary>
    private const int GrantsMax = 16;

    /// <summary>A grant about to end is replaced, so that it doesn't end on its way to the back end.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, SignedInView> _grants = new();

    /// <summary>Throws what Control throws: not authorised, or unavailable.</summary>
    public async Task<string> ForAsync(string operatorToken)
    {
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(operatorToken)));
        if (_grants.TryGetValue(key, out var known) && known.ExpiresAt - Margin > time.GetUtcNow()) return known.Token;
        var grant = await clusters.Directory().OperatorGrant(operatorToken);
        if (_grants.Count >= GrantsMax) _grants.Clear();
        _grants[key] = grant;
        return grant.Token;
    }
}
