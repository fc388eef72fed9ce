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

    private readonly HttpClient _http;

    private ArchiveClient(Uri web) => _http = new() { BaseAddress = web };

    public static async Task<ArchiveClient> CreateAsync(ArchiveProcess archive)
    {
        var client = new ArchiveClient(archive.Web);
        client.Bearer((await File.ReadAllTextAsync(archive.OperatorTokenFile)).Trim());
        await client.PostAsync<object>("/v1/tenants", new { name = Tenant, journalAddresses = new[] { Journal } });
        var user = await client.PostAsync<CreatedUser>(
            $"/v1/tenants/{Tenant}/users", new { user = Auditor, role = "auditor", addresses = Array.Empty<string>() });
        var session = await client.PostAsync<Session>(
            "/v1/session", new { tenant = Tenant, user = Auditor, password = user.Password });
        client.Bearer(session.Token);
        return client;
    }

    public async Task<ArchiveStatus> StatusAsync() =>
        (await _http.GetFromJsonAsync<ArchiveStatus>("/v1/status"))!;

    /// <summary>The messages that a query finds, by the archive's own count.</summary>
    public async Task<long> CountAsync(string query) =>
        (await _http.GetFromJsonAsync<Found>($"/v1/messages?limit=1&q={Uri.EscapeDataString(query)}"))!.Total;

    public void Dispose() => _http.Dispose();

    private void Bearer(string token) =>
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    private async Task<T> PostAsync<T>(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{path}: {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync<T>())!;
    }

    private sealed record CreatedUser(string Password);
    private sealed record Session(string Token);
    private sealed record Found(long Total);
}
