using System.Globalization;
using System.Net;
using AMA.Archive.Ids;
using Microsoft.Extensions.Configuration;

namespace AMA.Adapters.Hosting;

/// <summary>
/// Reads settings and collects everything that is wrong with them, so that a host can show all problems at once before
/// it listens. No method throws on a wrong value: it notes a problem and goes on with the default. Keys are whole
/// ("AMA:Lease:TtlSeconds"); a problem names the key, the value (never that of a secret) and what is allowed.
/// </summary>
public sealed class SettingsReader(IConfiguration configuration)
{
    /// <summary>
    /// The section all of the product's settings stand in; what nobody read below it is a typing mistake.
    /// </summary>
    public const string Root = "AMA";

    private const int ShownValueCharsMax = 200;
    private static readonly string[] SecretWords = ["password", "secret", "token", "passphrase", "pin"];

    private readonly HashSet<string> _read = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _problems = [];

    /// <summary>Sentences, in the order in which they were met. Empty: every value read so far is good.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Every key that was asked for so far, set or not.</summary>
    public IReadOnlyCollection<string> Keys => _read;

    /// <summary>
    /// Adds what a caller found wrong itself, for instance two values that exclude each other. A sentence stands once,
    /// however many readers of the same key meet it.
    /// </summary>
    public void Problem(string sentence)
    {
        if (!_problems.Contains(sentence)) _problems.Add(sentence);
    }

    /// <summary>Notes that <paramref name="key"/>'s value is wrong and what is allowed instead.</summary>
    public void Wrong(string key, string allowed) =>
        Problem($"{key} is {Shown(key, configuration[key])}: {allowed}.");

    public string Text(string key, string fallback) => Raw(key) ?? fallback;

    public string? OptionalText(string key) => Raw(key);

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>, both allowed.</summary>
    public int Number(string key, int fallback, int min, int max)
    {
        if (Raw(key) is not { } text) return fallback;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= min && value <= max) return value;
        Wrong(key, $"a whole number from {min} to {max} is allowed (default {fallback})");
        return fallback;
    }

    /// <summary>"true" or "false".</summary>
    public bool Flag(string key, bool fallback)
    {
        if (Raw(key) is not { } text) return fallback;
        if (bool.TryParse(text, out var value)) return value;
        Wrong(key, $"true or false is allowed (default {(fallback ? "true" : "false")})");
        return fallback;
    }

    /// <summary>An IP address with a port: "127.0.0.1:2525", "[::1]:2525". Port 0 lets the system choose.</summary>
    public IPEndPoint Endpoint(string key, IPEndPoint fallback)
    {
        if (Raw(key) is not { } text) return fallback;
        if (HasPort(text) && IPEndPoint.TryParse(text, out var value)) return value;
        Wrong(key, $"an IP address and a port are allowed, such as {fallback}");
        return fallback;
    }

    /// <summary>An absolute http or https address without a path.</summary>
    public Uri Url(string key, Uri fallback)
    {
        if (Raw(key) is not { } text) return fallback;
        if (Uri.TryCreate(text, UriKind.Absolute, out var value) && value.Scheme is "http" or "https"
            && value.PathAndQuery == "/" && value.UserInfo.Length == 0) return value;
        Wrong(key, $"an address such as {fallback.GetLeftPart(UriPartial.Authority)} is allowed, without a path");
        return fallback;
    }

    public Region Region(string key, Region fallback)
    {
        if (Raw(key) is not { } text) return fallback;
        if (RegionText.TryParse(text, out var value)) return value;
        Wrong(key, $"eu or us is allowed (default {fallback.Text()})");
        return fallback;
    }

    /// <summary>Values as "{key}:0", "{key}:1", … or separated by commas in "{key}" itself; never empty ones.</summary>
    public IReadOnlyList<string> List(string key, IReadOnlyList<string> fallback)
    {
        var children = configuration.GetSection(key).GetChildren().ToArray();
        foreach (var child in children) _read.Add(child.Path);
        var values = children.Length > 0
            ? [.. children.Select(child => child.Value?.Trim() ?? "")]
            : Raw(key)?.Split(',', StringSplitOptions.TrimEntries);
        if (values is null) return fallback;
        if (values.Length > 0 && values.All(value => value.Length > 0)) return values;
        Wrong(key, $"a list without empty entries is allowed, such as {string.Join(',', fallback)}");
        return fallback;
    }

    /// <summary>
    /// Keys below <see cref="Root"/> that nobody asked for. Call it after everything has been read: each of them is a
    /// setting that the writer believes in and that has no effect.
    /// </summary>
    public IReadOnlyList<string> UnknownKeys() =>
    [
        .. configuration.GetSection(Root).AsEnumerable()
            .Where(pair => pair.Value is not null && !_read.Contains(pair.Key))
            .Select(pair => pair.Key).Order(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Makes a problem of every unknown key.</summary>
    public void RefuseUnknownKeys()
    {
        foreach (var key in UnknownKeys()) Problem($"{key} is no setting of AMA: check its spelling.");
    }

    private string? Raw(string key)
    {
        _read.Add(key);
        var text = configuration[key]?.Trim();
        return string.IsNullOrEmpty(text) ? null : text;
    }

    private static bool HasPort(string text) =>
        text.StartsWith('[') ? text.Contains("]:") : text.Count(c => c == ':') == 1;

    private static string Shown(string key, string? value)
    {
        if (value is null) return "not set";
        var name = key[(key.LastIndexOf(':') + 1)..];
        if (SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase))) return "[redacted]";
        return value.Length <= ShownValueCharsMax ? $"\"{value}\"" : $"\"{value[..ShownValueCharsMax]}…\"";
    }
}
