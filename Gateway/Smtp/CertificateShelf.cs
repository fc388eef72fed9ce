using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp;

/// <summary>
/// The certificates that senders see: the one of the parts, and those of <see cref="SmtpGatewayOptions.Certificates"/>
/// for the names they hold (SNI). Files are looked at every <see cref="CheckInterval"/>: a renewed one serves the next
/// handshake, a broken one is reported and the old one goes on.
/// </summary>
internal sealed partial class CertificateShelf : BackgroundService
{
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(60);

    private readonly SmtpGatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateShelf> _log;
    private volatile Place[] _places;

    /// <exception cref="CryptographicException">A file without certificate or matching key.</exception>
    /// <exception cref="IOException">A file that can't be read.</exception>
    public CertificateShelf(SmtpGatewayOptions options, SmtpGatewayParts parts, ILogger<CertificateShelf> log)
    {
        (_options, _time, _log) = (options, parts.Time, log);
        var first = new SmtpCertificate(parts.Certificate, parts.Chain, SelfSigned: options.CertificatePath.Length == 0);
        _places =
        [
            PlaceOf(options.CertificatePath, first),
            .. options.Certificates.Select(path => PlaceOf(path, SmtpCertificate.Load(path, selfSigned: false))),
        ];
    }

    /// <summary>For the name that the client asked for; the first one when there is no better.</summary>
    public SslServerAuthenticationOptions For(string? name)
    {
        var places = _places;
        if (string.IsNullOrEmpty(name) || places.Length == 1) return places[0].Tls;
        foreach (var place in places)
            if (place.Certificate.Certificate.MatchesHostname(name)) return place.Tls;
        return places[0].Tls;
    }

    public ValueTask<SslServerAuthenticationOptions> SelectAsync(
        SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken cancel) =>
        ValueTask.FromResult(For(hello.ServerName));

    /// <summary>Looks at the files once.</summary>
    public void Check()
    {
        var places = _places;
        _places = [.. places.Select(Newest)];
    }

    protected override async Task ExecuteAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(CheckInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel)) Check();
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private Place Newest(Place place)
    {
        if (place.Path.Length == 0) return place;
        try
        {
            var read = SmtpCertificate.Load(place.Path, selfSigned: false);
            if (IsSame(read, place.Certificate))
            {
                read.Certificate.Dispose();
                return place;
            }
            LogRenewed(place.Path, read.Certificate.NotAfter);
            return PlaceOf(place.Path, read);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            LogBroken(place.Path, fault.Message);
            return place;
        }
    }

    private static bool IsSame(SmtpCertificate one, SmtpCertificate other) =>
        one.Certificate.RawDataMemory.Span.SequenceEqual(other.Certificate.RawDataMemory.Span)
        && one.Chain.Select(c => c.Thumbprint).SequenceEqual(other.Chain.Select(c => c.Thumbprint));

    private Place PlaceOf(string path, SmtpCertificate certificate) =>
        new(path, certificate, TlsRules.For(certificate, _options.ClientCertificates));

    [LoggerMessage(1, LogLevel.Information, "The certificate in {path} is a new one and serves from now on, until {until}")]
    private partial void LogRenewed(string path, DateTime until);

    [LoggerMessage(2, LogLevel.Error, "The certificate in {path} can't be used, the old one goes on: {reason}")]
    private partial void LogBroken(string path, string reason);

    private sealed record Place(string Path, SmtpCertificate Certificate, SslServerAuthenticationOptions Tls);
}
