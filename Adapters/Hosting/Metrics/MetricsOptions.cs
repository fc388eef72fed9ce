using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace AMA.Adapters.Hosting.Metrics;

/// <summary>Settings of a process's metrics, section <c>AMA:Metrics</c>.</summary>
public sealed record MetricsOptions
{
    /// <summary>
    /// <c>AMA:Metrics:Endpoint</c>, default none: where <c>/metrics</c> answers in Prometheus' text form, such as
    /// <c>http://127.0.0.1:9464</c>. Anybody on this machine may read it. An address that others can reach needs https,
    /// <see cref="Certificate"/> and <see cref="TokenFile"/>: counts and times by source are a customer's business.
    /// </summary>
    public Uri? Endpoint { get; init; }

    /// <summary><c>AMA:Metrics:Certificate</c>: PEM file with certificate and key, for https.</summary>
    public string? Certificate { get; init; }

    /// <summary>
    /// <c>AMA:Metrics:TokenFile</c>: a file with the bearer token that Prometheus shows (<c>credentials_file</c>), at
    /// least 32 characters. Read once, at the start.
    /// </summary>
    public string? TokenFile { get; init; }

    private const int TokenCharsMin = 32;

    private static readonly Uri Usual = new("http://127.0.0.1:9464");

    /// <summary>Reads the section. What is wrong stands in <see cref="SettingsReader.Problems"/>.</summary>
    public static MetricsOptions Read(SettingsReader settings)
    {
        var options = new MetricsOptions
        {
            Endpoint = settings.OptionalText("AMA:Metrics:Endpoint") is null
                ? null
                : settings.Url("AMA:Metrics:Endpoint", Usual),
            Certificate = settings.OptionalText("AMA:Metrics:Certificate"),
            TokenFile = settings.OptionalText("AMA:Metrics:TokenFile"),
        };
        foreach (var problem in options.Problems()) settings.Problem(problem);
        return options;
    }

    /// <summary>What is wrong with these values, in sentences.</summary>
    public IEnumerable<string> Problems()
    {
        if (Endpoint is null) yield break;
        var https = Endpoint.Scheme == Uri.UriSchemeHttps;
        if (Address is not { } address)
            yield return $"AMA:Metrics:Endpoint ({Endpoint}) needs an IP address, not a name.";
        else if (!IPAddress.IsLoopback(address) && (!https || TokenFile is null))
            yield return $"AMA:Metrics:Endpoint ({Endpoint}) is an address that others can reach: it needs https with "
                + "AMA:Metrics:Certificate, and AMA:Metrics:TokenFile. Or take 127.0.0.1.";
        if (https && (Certificate is null || !File.Exists(Certificate)))
            yield return "AMA:Metrics:Certificate: an https endpoint needs a PEM file with certificate and key.";
        if (TokenFile is not null && !(File.Exists(TokenFile) && Token().Length >= TokenCharsMin))
            yield return $"AMA:Metrics:TokenFile needs a file with a token of at least {TokenCharsMin} characters.";
    }

    internal IPAddress? Address => IPAddress.TryParse(Endpoint?.Host.Trim('[', ']'), out var address) ? address : null;

    /// <summary>SHA-256 of the token; null: none is asked for.</summary>
    internal byte[]? TokenHash() => TokenFile is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(Token()));

    private string Token() => File.ReadAllText(TokenFile!).Trim();
}
