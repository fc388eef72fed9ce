using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AMA.Gateway.Cli.Api;

/// <summary>An answer, as the verbs use it and as it came.</summary>
internal sealed record Answer<T>(T Value, string Json);

/// <summary>A server that answers as AMA's do, and what to say when it doesn't.</summary>
/// <param name="Name">As people know it.</param>
/// <param name="Away">What to do when it cannot be reached.</param>
internal sealed record ApiPlace(Uri Base, string Name, string Away);

/// <summary>The token to send: asked for before each request, since a session renews it.</summary>
internal delegate Task<string> TokenSource(CancellationToken cancel);

/// <summary>
/// The REST gateway or Control's admin socket. Whatever is refused becomes a <see cref="CliException"/> that says what
/// to do.
/// </summary>
internal sealed class ArchiveApi(ApiPlace place, TokenSource? token, HttpMessageHandler handler) : IDisposable
{
    /// <summary>A page of 100 messages is some hundred KB, one message's text a few MB.</summary>
    private const int AnswerBytesMax = 256 * 1024 * 1024;

    private readonly HttpClient _http = new(handler)
    {
        BaseAddress = place.Base,
        Timeout = TimeSpan.FromSeconds(60),
        MaxResponseContentBufferSize = AnswerBytesMax,
    };

    public ArchiveApi(ApiPlace place, string? token, HttpMessageHandler handler)
        : this(place, Always(token), handler)
    {
    }

    public ArchiveApi(Uri server, string? token, Surroundings around)
        : this(server, Always(token), around)
    {
    }

    public ArchiveApi(Uri server, TokenSource? token, Surroundings around)
        : this(
            new(server, server.ToString(), "Is AMA running there? The address comes from --server-url or AMA_URL."),
            token, around.Http(server))
    {
    }

    public Uri Server => place.Base;

    public Task<Answer<T>> GetAsync<T>(string path, CancellationToken cancel) =>
        AskAsync<T>(HttpMethod.Get, path, null, cancel);

    public Task<Answer<T>> PostAsync<T>(string path, object body, CancellationToken cancel) =>
        AskAsync<T>(HttpMethod.Post, path, JsonContent.Create(body, options: JsonSerializerOptions.Web), cancel);

    /// <summary>Of an answer without a body.</summary>
    public async Task DoAsync(HttpMethod method, string path, object? body, CancellationToken cancel)
    {
        using var content = body is null ? null : JsonContent.Create(body, options: JsonSerializerOptions.Web);
        using var answer = await SendAsync(method, path, content, HttpCompletionOption.ResponseContentRead, cancel);
    }

    public Task<Answer<T>> PutAsync<T>(string path, object body, CancellationToken cancel) =>
        AskAsync<T>(HttpMethod.Put, path, ContentOf(body), cancel);

    public Task<Answer<T>> DeleteAsync<T>(string path, CancellationToken cancel) =>
        AskAsync<T>(HttpMethod.Delete, path, null, cancel);

    public Task<Answer<T>> PatchAsync<T>(string path, object body, CancellationToken cancel) =>
        AskAsync<T>(HttpMethod.Patch, path, JsonContent.Create(body, options: JsonSerializerOptions.Web), cancel);

    /// <summary>Lines of text, or an object, in; text out. For what must not lie in a JSON document.</summary>
    public async Task<string> PostTextAsync(string path, object body, CancellationToken cancel)
    {
        using var content = ContentOf(body);
        using var answer = await SendAsync(
            HttpMethod.Post, path, content, HttpCompletionOption.ResponseContentRead, cancel);
        return await answer.Content.ReadAsStringAsync(cancel);
    }

    /// <summary>Lines of text in, JSON out.</summary>
    public Task<Answer<T>> PostTextAsync<T>(string path, string lines, CancellationToken cancel) =>
        AskAsync<T>(HttpMethod.Post, path, ContentOf(lines), cancel);

    /// <summary>
    /// A long operation: <paramref name="line"/> sees each line of the answer's NDJSON as it comes. Answers the result
    /// in the last one; an operation that failed on its way is a failure.
    /// </summary>
    public async Task<Answer<T>> RunAsync<T>(
        string path, object body, Action<ProgressLine> line, CancellationToken cancel)
    {
        using var content = JsonContent.Create(body, options: JsonSerializerOptions.Web);
        using var answer = await SendAsync(
            HttpMethod.Post, path, content, HttpCompletionOption.ResponseHeadersRead, cancel);
        try
        {
            return await ProgressLines.ReadAsync<T>(await answer.Content.ReadAsStreamAsync(cancel), line, cancel);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            throw new CliException(ExitCode.TryAgain, "The answer broke off half-way.",
                "Run the same command again: it goes on where it stopped.", broken);
        }
    }

    /// <summary>Copies an answer's bytes. An answer that breaks off half-way is a failure.</summary>
    public async Task CopyAsync(string path, Stream destination, CancellationToken cancel)
    {
        using var answer = await SendAsync(
            HttpMethod.Get, path, null, HttpCompletionOption.ResponseHeadersRead, cancel);
        try
        {
            await answer.Content.CopyToAsync(destination, cancel);
        }
        catch (HttpRequestException broken)
        {
            throw new CliException(ExitCode.TryAgain, "The answer broke off half-way.", "Try again.", broken);
        }
    }

    /// <summary>Lines of an answer as they come. One that breaks off is a failure.</summary>
    public async IAsyncEnumerable<string> LinesAsync(
        string path, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, HttpCompletionOption.ResponseHeadersRead, cancel);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancel));
        while (await NextAsync(reader, cancel) is { } line) yield return line;
    }

    private static async Task<string?> NextAsync(StreamReader reader, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadLineAsync(cancel);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            throw new CliException(ExitCode.TryAgain, "The answer broke off half-way.", "Try again.", broken);
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpContent ContentOf(object body) => body is string lines
        ? new StringContent(lines)
        : JsonContent.Create(body, options: JsonSerializerOptions.Web);

    private async Task<Answer<T>> AskAsync<T>(
        HttpMethod method, string path, HttpContent? body, CancellationToken cancel)
    {
        using var answer = await SendAsync(method, path, body, HttpCompletionOption.ResponseContentRead, cancel);
        var json = await answer.Content.ReadAsStringAsync(cancel);
        try
        {
            return new(JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web)!, json);
        }
        catch (JsonException unreadable)
        {
            throw new CliException(ExitCode.Failure, $"{place.Name} does not answer like an AMA.",
                "Check the address.", unreadable);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? body, HttpCompletionOption until, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (token is not null) request.Headers.Authorization = new("Bearer", await token(cancel));
        var answer = await ReachAsync(request, until, cancel);
        if (answer.IsSuccessStatusCode) return answer;
        using (answer) throw await RefusalAsync(answer, cancel);
    }

    private async Task<HttpResponseMessage> ReachAsync(
        HttpRequestMessage request, HttpCompletionOption until, CancellationToken cancel)
    {
        try
        {
            return await _http.SendAsync(request, until, cancel);
        }
        catch (Exception away) when (away is HttpRequestException
            || (away is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new CliException(ExitCode.TryAgain, $"{place.Name} cannot be reached: {Reason(away)}.",
                place.Away, away);
        }
    }

    private static string Reason(Exception away) =>
        away is HttpRequestException ? away.GetBaseException().Message.TrimEnd('.') : "no answer in time";

    private static TokenSource? Always(string? token) => token is null ? null : _ => Task.FromResult(token);

    private static async Task<CliException> RefusalAsync(HttpResponseMessage answer, CancellationToken cancel) =>
        Refusal.Of(answer.StatusCode, await ReadProblemAsync(answer, cancel), answer.Headers.RetryAfter?.Delta);

    private static async Task<Refusal.Said?> ReadProblemAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json") return null;
        try
        {
            return JsonSerializer.Deserialize<Refusal.Said>(
                await answer.Content.ReadAsStringAsync(cancel), JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
