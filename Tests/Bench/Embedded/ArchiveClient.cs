using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace AMA.Tests.Bench.Embedded;

/// <summary>The counters of GET /v1/status that say how far the archive is.</summary>
public sealed record ArchiveStatus(long Accepted, long Archived, long Duplicates, long Quarantined, long Indexed)
{
    /// <summary>Every delivery has its record, and every record can be found.</summary>
    public bool HasAll(int deliveries) => Archived + Duplicates + Quarantined >= deliveries && Indexed >= Archived;
}

/// <summary>A tenant of its own in an archive, seen by its auditor.</summary>
public sealed class ArchiveClient : IDisposable
{
    public const string Journal = "journal@bench.example";
    private const string Tenant = "bench";
    private const string Auditor = "auditor";
    private const string Password = "a long enough password, for benches";

    private readonly HttpClient _http;

    private ArchiveClient(Uri web) => _http = new() { BaseAddress = web };

    public static async Task<ArchiveClient> CreateAsync(ArchiveProcess archive)
    {
        var client = new ArchiveClient(archive.Web);
        client.Bearer((await File.ReadAllTextAsync(archive.OperatorTokenFile)).Trim());
        await client.PostAsync<object>(
            "/v1/tenants", new { name = Tenant, journalAddresses = new[] { Journal }, secondFactor = "off" });
        await client.PostAsync<object>(
            $"/v1/tenants/{Tenant}/sources", new { kind = "network", cidr = "127.0.0.0/8" });
        await client.PostAsync<object>(
            $"/v1/tenants/{Tenant}/users", new { user = Auditor, role = "auditor", password = Password });
        await client.SignInAsync();
        return client;
    }

    public Task<ArchiveStatus> StatusAsync() => GetAsync<ArchiveStatus>("/v1/status");

    /// <summary>The messages that a query finds, by the archive's own count.</summary>
    public async Task<long> CountAsync(string query) =>
        (await GetAsync<Found>($"/v1/messages?limit=1&q={Uri.EscapeDataString(query)}")).Total;

    public void Dispose() => _http.Dispose();

    private void Bearer(string token) =>
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    /// <summary>A run may last longer than a token: then it signs in again.</summary>
    private async Task<T> GetAsync<T>(string path)
    {
        using var answer = await _http.GetAsync(path);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
            return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<T>())!;
        await SignInAsync();
        return (await _http.GetFromJsonAsync<T>(path))!;
    }

    private async Task SignInAsync()
    {
        var session = await PostAsync<Session>(
            "/v1/session", new { tenant = Tenant, user = Auditor, password = Password });
        Bearer(session.Token);
    }

    private async Task<T> PostAsync<T>(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{path}: {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync<T>())!;
    }

    private sealed record Session(string Token);
    private sealed record Found(long Total);
}
