using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>The REST API as a customer's program uses it, with one token. The address is asked for at each call: a
/// restarted archive listens elsewhere, and tokens outlive it.</summary>
public sealed class Rest(Func<Doors> doors, string token)
{
    private const int PageItems = 100;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(100) };

    public string Token => token;

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(doors().Web, path));
        if (token.Length > 0) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = JsonContent.Create(body);
        using var response = await Http.SendAsync(request);
        return new Answer(
            response.StatusCode, await response.Content.ReadAsByteArrayAsync(),
            response.Content.Headers.ContentType?.MediaType, response.Headers.RetryAfter?.Delta);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    public async Task<Found> SearchAsync(string query, int limit = PageItems, string? cursor = null) =>
        (await GetAsync(SearchPath(query, limit, cursor))).Read<Found>();

    /// <summary>All pages of a query.</summary>
    public async Task<List<Listed>> AllAsync(string query = "")
    {
        var all = new List<Listed>();
        string? cursor = null;
        do
        {
            var page = await SearchAsync(query, PageItems, cursor);
            all.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return all;
    }

    public async Task<Shown> MessageAsync(string id) => (await GetAsync($"v1/messages/{id}")).Read<Shown>();

    public async Task<byte[]> RawAsync(string id)
    {
        var answer = await GetAsync($"v1/messages/{id}/raw");
        answer.ThrowUnlessGood();
        return answer.Body;
    }

    public async Task<Counters> StatusAsync() => (await GetAsync("v1/status")).Read<Counters>();

    /// <summary>What came from a tenant's sources, by its name.</summary>
    public async Task<ShownCounts[]> SourceCountsAsync(string tenant) =>
        [.. (await GetAsync($"v1/tenants/{tenant}/sources")).Read<ShownSources>().Items.Select(source => source.Counts!)];

    /// <summary>Waits until so many deliveries are archived, all of them findable and none waiting.</summary>
    public Task<Counters> DrainedAsync(long deliveries, TimeSpan? deadline = null) => WaitUntil.AnswerAsync(
        $"{deliveries} deliveries archived and indexed", StatusAsync,
        s => s.Archived + s.Duplicates == deliveries && s.Indexed == s.Archived && s.Spool.IsEmpty, deadline);

    public static string SearchPath(string query, int limit = PageItems, string? cursor = null) =>
        $"v1/messages?q={Uri.EscapeDataString(query)}&limit={limit}"
        + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}");
}

public sealed record Answer(HttpStatusCode Status, byte[] Body, string? ContentType, TimeSpan? RetryAfter)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public T Read<T>()
    {
        ThrowUnlessGood();
        return JsonSerializer.Deserialize<T>(Body, JsonSerializerOptions.Web)!;
    }

    public void ThrowUnlessGood()
    {
        if ((int)Status is < 200 or > 299) throw new RefusedException(Status, Text);
    }
}

public sealed class RefusedException(HttpStatusCode status, string text) : Exception($"{(int)status}: {text}")
{
    public HttpStatusCode Status { get; } = status;
}

/// <summary>The shapes of the API as its documentation gives them, written down a second time on purpose.</summary>
public sealed record Found(Listed[] Items, long Total, string? Next);

public sealed record Listed(
    string Id, string MessageId, string Subject, string From, string[] To, DateTime? Date, DateTime ReceivedAt,
    long Size, string[] Attachments);

public sealed record Shown(
    string Id, string MessageId, string Subject, string From, string[] To, DateTime? Date, DateTime ReceivedAt,
    long Size, ShownAttachment[] Attachments, ShownHeader[] Headers, string Text, ShownDelivery[] Deliveries,
    string[] Flags);

public sealed record ShownAttachment(string Name, string ContentType, long Size);

public sealed record ShownHeader(string Name, string Value);

public sealed record ShownDelivery(
    string Receipt, DateTime AcceptedAt, string Sender, string[] Recipients, string ClientAddress, string Tls);

public sealed record Counters(
    long Accepted, long Archived, long Duplicates, long Quarantined, long Indexed, SpoolCounters Spool,
    LeaseCounters Lease, int SilentSources, ShownAlarm[] Alarms)
{
    public bool AddUp => Accepted == Archived + Duplicates + Quarantined + Spool.Entries;

    /// <summary>What must be the same before and after a restart.</summary>
    public (long, long, long, long, long, long) Lasting =>
        (Accepted, Archived, Duplicates, Quarantined, Indexed, Spool.Entries);
}

public sealed record SpoolCounters(
    long Entries, double OldestSeconds, double? FreePercent = null, bool AllRead = false)
{
    public bool IsEmpty => Entries == 0 && AllRead;
}

public sealed record ShownSources(ShownSource[] Items);

public sealed record ShownSource(string Id, string Kind, ShownCounts? Counts);

public sealed record ShownCounts(
    long Accepted, long Archived, long Duplicates, long Waiting, long Bytes, DateTime? LastSeen, DateTime? SilentSince);

public sealed record ShownAlarm(
    string Kind, DateTime Since, string? Tenant, string? Source, string? Gateway, ulong? First, ulong? Last);

public sealed record LeaseCounters(string State, DateTime? ExpiresAt);
