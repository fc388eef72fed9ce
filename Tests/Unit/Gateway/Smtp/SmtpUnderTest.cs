using System.Net;
using AMA.Adapters.Hosting.Identity;
using AMA.Adapters.Hosting.Tls;
using AMA.Adapters.Local;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Gateway.Smtp;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Sessions;
using AMA.Gateway.Smtp.Spooling;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>The real listener on free ports, with a spool in memory and a fixed directory behind it.</summary>
internal sealed class SmtpUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SmtpUnderTest(WebApplication app, MemorySpool spool, FixedBook book) =>
        (_app, Spool, Book) = (app, spool, book);

    public MemorySpool Spool { get; }

    public FixedBook Book { get; }

    public OpenSessions Sessions => _app.Services.GetRequiredService<OpenSessions>();

    public SmtpPorts Ports => SmtpGatewayHost.BoundPorts(_app);

    public static SmtpCertificate Certificate { get; } = MakeCertificate();

    public static string Fingerprint => Certificate.Fingerprint;

    public static SmtpGatewayOptions Options { get; } = new()
    {
        Endpoint = new IPEndPoint(IPAddress.Loopback, 0),
        ImplicitTlsEndpoint = new IPEndPoint(IPAddress.Loopback, 0),
        HostName = "archive.example",
        TarpitSecondsMax = 0,
    };

    public static async Task<SmtpUnderTest> StartAsync(
        Func<SmtpGatewayOptions, SmtpGatewayOptions>? change = null, TimeProvider? time = null,
        ISourceCredentials? credentials = null)
    {
        var options = change is null ? Options : change(Options);
        var parts = new SmtpGatewayParts
        {
            Spool = [],
            Identity = NoPapers(time ?? TimeProvider.System),
            ConfigureCluster = _ => { },
            Region = Region.Eu,
            Time = time ?? TimeProvider.System,
            Random = SystemRandom.Instance,
            Certificate = Certificate.Certificate,
            Logging = _ => { },
        };
        var builder = SmtpGatewayHost.NewBuilder(parts);
        var (spool, book) = (new MemorySpool(), new FixedBook());
        builder.Services.AddSingleton<ISpool>(spool).AddSingleton<IDirectoryBook>(book);
        if (credentials is not null) builder.Services.AddSingleton(credentials);
        builder.AddSmtpListening(options, parts);
        var gateway = new SmtpUnderTest(builder.Build(), spool, book);
        await gateway._app.StartAsync();
        return gateway;
    }

    /// <summary>Until so many sessions wait for their clients, and no other ones are there.</summary>
    public async Task UntilWaitingAsync(int sessions)
    {
        using var limit = new CancellationTokenSource(RawClient.WaitMax);
        while (Sessions.Count != sessions || Sessions.Waiting != sessions)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Until so many sessions are at work or hold a reply back.</summary>
    public async Task UntilBusyAsync(int sessions)
    {
        using var limit = new CancellationTokenSource(RawClient.WaitMax);
        while (Sessions.Count - Sessions.Waiting != sessions)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Until the only session waits for its client, or, false, there is none.</summary>
    public async Task<bool> WaitsOrIsEmptyAsync()
    {
        using var limit = new CancellationTokenSource(RawClient.WaitMax);
        while (Sessions.Count > 0 && Sessions.Waiting == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        return Sessions.Count > 0;
    }

    public void CheckCertificates() => _app.Services.GetRequiredService<CertificateShelf>().Check();

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Who would never get papers: nobody answers at that address.</summary>
    public static PeerKeeper NoPapers(TimeProvider time) => new(
        new PeerSource
        {
            Role = PeerRole.Gateway,
            Name = "smtp-1",
            Control = new EnrolmentClient(Region.Eu, new IPEndPoint(IPAddress.Loopback, 1), time),
            Ticket = () => null,
        },
        new PeerCredentials(Region.Eu, time), time);

    private static SmtpCertificate MakeCertificate()
    {
        var folder = Directory.CreateTempSubdirectory("ama-smtp-");
        try
        {
            return SmtpCertificate.LoadOrCreate(
                "", folder.FullName, "archive.example", new DurableFiles(), TimeProvider.System);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
