using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Core.Pipeline;

namespace AMA.Tests.Unit.Adapters.Azure;

/// <summary>
/// A vault in this process that speaks the documented calls of the Keys API (create, rotate, get, versions, list, delete,
/// deleted keys, wrapkey, unwrapkey) and really does RSA-OAEP-256. It asks for a token as vaults do. What it does not
/// know: policies, backup, purge, several networks. Soft delete lasts <see cref="RecoverableDays"/>.
/// </summary>
internal sealed class FakeVault(string host = FakeVault.Host) : HttpMessageHandler
{
    public const string Host = "quiet.vault.azure.net";
    public const string ManagedHsm = "quiet.managedhsm.azure.net";
    public const string GoodToken = "good-token";
    public const string ClaimsToken = "token-with-claims";
    public const string Claims = """{"access_token":{"nbf":{"essential":true,"value":"1"}}}""";
    public const int RecoverableDays = 90;

    /// <summary>Making RSA keys takes long: a few for all, no two neighbours the same.</summary>
    private static readonly Lazy<RSA[]> Keys = new(() => [.. Enumerable.Range(0, 5).Select(_ => RSA.Create(3072))]);
    private static int _made;

    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, List<Version>> _keys = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<Version>> _deleted = new(StringComparer.Ordinal);

    /// <summary>Every request: method, path, whether it had a body, its token.</summary>
    public ConcurrentQueue<Seen> Requests { get; } = [];

    /// <summary>Answers for the next calls that carry a good token, before any is served.</summary>
    public ConcurrentQueue<HttpResponseMessage> Next { get; } = [];

    public string Resource { get; set; } = $"https://{host[(host.IndexOf('.') + 1)..]}";

    /// <summary>Asks everybody for claims, as after a change of somebody's rights.</summary>
    public bool WantsClaims { get; set; }

    public int PageSize { get; set; } = 25;

    public HttpPipelineTransport Transport => new HttpClientTransport(this);

    public static HttpResponseMessage Error(int status, string code, string message = "no") => Json(
        status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } });

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancel);
        var token = request.Headers.Authorization?.Parameter;
        var path = request.RequestUri!.AbsolutePath.Trim('/');
        Requests.Enqueue(new(request.Method.Method, path, body, token));
        if (request.RequestUri.Host != host || !request.RequestUri.Query.Contains("api-version=7.6"))
            return Error(400, "BadParameter", "not for this vault");
        if (Refused(token) is { } challenge) return challenge;
        if (Next.TryDequeue(out var planned)) return planned;
        lock (_gate)
            return Serve(request.Method.Method, path.Split('/'), body, request.RequestUri.Query);
    }

    private HttpResponseMessage? Refused(string? token)
    {
        if (WantsClaims && token == GoodToken)
            return Challenge("authorization_uri=\"https://login.example/common/oauth2/authorize\", "
                + $"error=\"insufficient_claims\", claims=\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(Claims))}\"");
        return token is GoodToken or ClaimsToken ? null
            : Challenge($"authorization=\"https://login.example/the-tenant\", resource=\"{Resource}\"");
    }

    private static HttpResponseMessage Challenge(string parameters)
    {
        var answer = Error(401, "Unauthorized");
        answer.Headers.WwwAuthenticate.Add(new AuthenticationHeaderValue("Bearer", parameters));
        return answer;
    }

    private HttpResponseMessage Serve(string method, string[] path, string body, string query) => (method, path) switch
    {
        ("POST", ["keys", var name, "create"]) => Create(name, body),
        ("POST", ["keys", var name, "rotate"]) => Live(name, _ => Bundle(name, Add(name))),
        ("GET", ["keys"]) => Page(_keys.Keys.Select(name => Item($"keys/{name}")), "keys", query),
        ("GET", ["deletedkeys"]) => Page(_deleted.Keys.Select(name => Item($"keys/{name}")), "deletedkeys", query),
        ("GET", ["deletedkeys", var name]) => _deleted.TryGetValue(name, out var versions)
            ? Bundle(name, versions[^1], deleted: true) : NotFound(),
        ("GET", ["keys", var name, "versions"]) => Live(name, versions => Page(
            versions.Select(version => Item($"keys/{name}/{version.Id}")), $"keys/{name}/versions", query)),
        ("GET", ["keys", var name]) => Live(name, versions => Bundle(name, versions[^1])),
        ("DELETE", ["keys", var name]) => Live(name, versions => Delete(name, versions)),
        ("POST", ["keys", var name, var id, "wrapkey" or "unwrapkey"]) =>
            Live(name, versions => Operate(versions.Find(version => version.Id == id), path[3], body)),
        _ => Error(400, "BadParameter"),
    };

    private HttpResponseMessage Create(string name, string body)
    {
        if (_deleted.ContainsKey(name))
            return Json(409, new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["code"] = "Conflict", ["message"] = "is in a deleted but recoverable state",
                    ["innererror"] = new JsonObject { ["code"] = "ObjectIsDeletedButRecoverable" },
                },
            });
        var asked = JsonNode.Parse(body)!;
        if (asked["kty"]!.GetValue<string>() != "RSA-HSM" || asked["key_size"]!.GetValue<int>() != 3072
            || asked["attributes"]!["exportable"]!.GetValue<bool>()) return Error(400, "BadParameter");
        return Bundle(name, Add(name));
    }

    private Version Add(string name)
    {
        if (!_keys.TryGetValue(name, out var versions)) _keys[name] = versions = [];
        var number = Interlocked.Increment(ref _made);
        var id = Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(number)).AsSpan(0, 16));
        versions.Add(new(id, Keys.Value[number % Keys.Value.Length]));
        return versions[^1];
    }

    private HttpResponseMessage Delete(string name, List<Version> versions)
    {
        _keys.Remove(name);
        _deleted[name] = versions;
        return Bundle(name, versions[^1], deleted: true);
    }

    private HttpResponseMessage Operate(Version? version, string operation, string body)
    {
        if (version is null) return NotFound();
        var asked = JsonNode.Parse(body)!;
        var value = Base64Url.DecodeFromChars(asked["value"]!.GetValue<string>());
        if (asked["alg"]!.GetValue<string>() != "RSA-OAEP-256") return Error(400, "BadParameter");
        try
        {
            lock (version.Key)
            {
                var result = operation == "wrapkey"
                    ? version.Key.Encrypt(value, RSAEncryptionPadding.OaepSHA256)
                    : version.Key.Decrypt(value, RSAEncryptionPadding.OaepSHA256);
                return Json(200, new JsonObject
                {
                    ["kid"] = $"https://{host}/keys/x/{version.Id}", ["value"] = Base64Url.EncodeToString(result),
                });
            }
        }
        catch (CryptographicException)
        {
            return Error(400, "BadParameter", "The parameter is incorrect.");
        }
    }

    private HttpResponseMessage Live(string name, Func<List<Version>, HttpResponseMessage> serve) =>
        _keys.TryGetValue(name, out var versions) ? serve(versions) : NotFound();

    private HttpResponseMessage Page(IEnumerable<JsonObject> items, string path, string query)
    {
        var all = items.ToArray();
        var from = query.Split("skiptoken=") is [_, var token] ? int.Parse(token) : 0;
        var page = all.Skip(from).Take(PageSize).ToArray<JsonNode?>();
        var more = from + page.Length < all.Length;
        return Json(200, new JsonObject
        {
            ["value"] = new JsonArray(page),
            ["nextLink"] = more ? $"https://{host}/{path}?api-version=7.6&$skiptoken={from + page.Length}" : null,
        });
    }

    private JsonObject Item(string path) =>
        new() { ["kid"] = $"https://{host}/{path}", ["attributes"] = Attributes() };

    private static JsonObject Attributes() => new() { ["enabled"] = true, ["created"] = Now.ToUnixTimeSeconds() };

    private HttpResponseMessage Bundle(string name, Version version, bool deleted = false)
    {
        var bundle = new JsonObject
        {
            ["key"] = new JsonObject { ["kid"] = $"https://{host}/keys/{name}/{version.Id}", ["kty"] = "RSA-HSM" },
            ["attributes"] = Attributes(),
        };
        if (deleted)
        {
            bundle["deletedDate"] = Now.ToUnixTimeSeconds();
            bundle["scheduledPurgeDate"] = Now.AddDays(RecoverableDays).ToUnixTimeSeconds();
        }
        return Json(200, bundle);
    }

    private static HttpResponseMessage NotFound() => Error(404, "KeyNotFound");

    private static HttpResponseMessage Json(int status, JsonObject body) =>
        new((HttpStatusCode)status) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };

    private sealed record Version(string Id, RSA Key);

    public sealed record Seen(string Method, string Path, string Body, string? Token);
}
