using System.Diagnostics.CodeAnalysis;
using System.Net;
using AMA.Adapters.Hosting;

namespace AMA.Gateway.Web;

/// <summary>Settings of the web gateway, section <c>AMA:Web</c>.</summary>
public sealed record WebGatewayOptions
{
    /// <summary>
    /// <c>AMA:Web:Endpoint</c>, default <c>http://127.0.0.1:8080</c>: an address, not a name, and a port. Plain HTTP
    /// carries passwords and mail in the clear and is refused on any address that is not loopback. Port 0 takes a
    /// free one.
    /// </summary>
    public Uri Endpoint { get; init; } = new("http://127.0.0.1:8080");

    /// <summary>
    /// <c>AMA:Web:Certificate</c>: PEM file with the certificate (its chain, if any, behind it) and its private key.
    /// Needed for an https endpoint, without meaning for http.
    /// </summary>
    public string? Certificate { get; init; }

    /// <summary>
    /// <c>AMA:Web:SignInsPerMinuteMax</c>, default 120: sign-ins a minute from one address (one /64 in IPv6); more
    /// answer 429. Low values slow guessing down, but people behind one proxy share an address.
    /// </summary>
    public int SignInsPerMinuteMax { get; init; } = 120;

    /// <summary>
    /// <c>AMA:Web:SignInsPerAccountMax</c>, default 30: tries a minute for one account, from wherever; more answer 429.
    /// Control's own lock-out comes on top, and lasts.
    /// </summary>
    public int SignInsPerAccountMax { get; init; } = 30;

    /// <summary>
    /// <c>AMA:Web:ConnectionsMax</c>, default 1,000: open connections in all; more are closed at once. Each costs some
    /// tens of KB.
    /// </summary>
    public int ConnectionsMax { get; init; } = 1000;

    /// <summary>Reads the section. What is wrong stands in <see cref="SettingsReader.Problems"/>, all of it.</summary>
    public static WebGatewayOptions Read(SettingsReader settings)
    {
        var defaults = new WebGatewayOptions();
        var options = new WebGatewayOptions
        {
            Endpoint = settings.Url("AMA:Web:Endpoint", defaults.Endpoint),
            Certificate = settings.OptionalText("AMA:Web:Certificate"),
            SignInsPerMinuteMax = settings.Number(
                "AMA:Web:SignInsPerMinuteMax", defaults.SignInsPerMinuteMax, 1, 1_000_000),
            SignInsPerAccountMax = settings.Number(
                "AMA:Web:SignInsPerAccountMax", defaults.SignInsPerAccountMax, 1, 1_000_000),
            ConnectionsMax = settings.Number("AMA:Web:ConnectionsMax", defaults.ConnectionsMax, 1, 100_000),
        };
        foreach (var problem in options.Problems()) settings.Problem(problem);
        return options;
    }

    /// <summary>What is wrong with these values, in sentences; empty when a gateway can be built from them.</summary>
    public IEnumerable<string> Problems()
    {
        if (!TryAddress(out var address))
            yield return $"AMA:Web:Endpoint ({Endpoint}) needs an IP address or localhost, not another name.";
        else if (Endpoint.Scheme == Uri.UriSchemeHttp && !IPAddress.IsLoopback(address.Address))
            yield return $"AMA:Web:Endpoint ({Endpoint}) is plain HTTP on an address that others can reach: passwords "
                + "and mail would cross the network in the clear. Use https with AMA:Web:Certificate, or 127.0.0.1.";
        if (Endpoint.Scheme == Uri.UriSchemeHttps && Certificate is null)
            yield return "AMA:Web:Certificate is missing: an https endpoint needs a PEM file with certificate and key.";
        if (Certificate is not null && !File.Exists(Certificate))
            yield return $"AMA:Web:Certificate: there is no file {Certificate}.";
    }

    internal bool TryAddress([NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        // Names would need a resolver, whose answer could be any address: only the one that is defined (RFC 6761).
        var host = Endpoint.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" : Endpoint.Host;
        endpoint = IPAddress.TryParse(host, out var address) ? new(address, Endpoint.Port) : null;
        return endpoint is not null;
    }
}
