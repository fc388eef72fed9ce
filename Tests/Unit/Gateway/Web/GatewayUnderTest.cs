using AMA.Tests.Unit.Gateway.Smtp;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AMA.Archive.Ids;
using AMA.Gateway.Web;
using AMA.Gateway.Web.Clusters;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace AMA.Tests.Unit.Gateway.Web;

/// <summary>The real gateway (Kestrel on a free loopback port, whole pipeline) in front of fake clusters.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayUnderTest(WebApplication app, FakeClusters clusters, FakeTimeProvider time, LogLines log)
    {
        (_app, Clusters, Time, Log) = (app, clusters, time, log);
        Http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
    }

    public FakeClusters Clusters { get; }
    public FakeTimeProvider Time { get; }
    public LogLines Log { get; }
    public HttpClient Http { get; }

    public static async Task<GatewayUnderTest> StartAsync(Func<WebGatewayOptions, WebGatewayOptions>? change = null)
    {
        var (clusters, log) = (new FakeClusters(), new LogLines());
        var time = new FakeTimeProvider(new(2026, 12, 1, 9, 0, 0, TimeSpan.Zero));
        var options = new WebGatewayOptions { Endpoint = new("http://127.0.0.1:0") };
        var app = WebGatewayHost.Build(change?.Invoke(options) ?? options, new()
        {
            Identity = SmtpUnderTest.NoPapers(TimeProvider.System),
            ConfigureProduction = _ => { },
            ConfigureControl = _ => { },
            Region = Region.Eu,
            Time = time,
            Logging = logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log),
        }, services => services.AddSingleton<IClusters>(clusters));
        await app.StartAsync();
        return new(app, clusters, time, log);
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, object? body = null, string? token = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await Http.SendAsync(request);
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? token = null) =>
        SendAsync(HttpMethod.Get, path, null, token);

    public static async Task<JsonObject> JsonAsync(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>Every log line of the gateway, to look for what must not be in one.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    public string Text
    {
        get { lock (_lock) return string.Join('\n', _lines); }
    }

    public ILogger CreateLogger(string categoryName) => this;
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        lock (_lock) _lines.Add($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}
