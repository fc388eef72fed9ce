using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Ids;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// A tenant's sessions lie in shards, so that opening one writes the sessions of a few people and not of all. All
/// sessions of a person are in one; their ids begin with it, so that it is found by either.
/// </summary>
internal static class SessionShards
{
    /// <summary>Hex digits: 4,096 shards of a tenant.</summary>
    private const int Digits = 3;

    private const string Operator = "operator";

    /// <summary>The user of all grants that were made with the operator token: their sessions lie in one shard.</summary>
    public const string OperatorName = "operator";

    public static ISessionsGrain SessionsOf(this IGrainFactory grains, Region region, Guid? tenant, Guid session) =>
        Shard(grains, region, tenant, session.ToString("N")[..Digits]);

    public static ISessionsGrain SessionsOf(this IGrainFactory grains, Region region, Guid? tenant, string user) =>
        Shard(grains, region, tenant, Of(user));

    /// <summary>The id with the user's shard as its first digits; the rest stays.</summary>
    public static Guid Place(Guid id, string user) => Guid.ParseExact(Of(user) + id.ToString("N")[Digits..], "N");

    private static ISessionsGrain Shard(IGrainFactory grains, Region region, Guid? tenant, string shard) =>
        grains.GetGrain<ISessionsGrain>($"{region.Text()}/{tenant?.ToString("N") ?? Operator}/{shard}");

    private static string Of(string user) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user)))[..Digits];
}
