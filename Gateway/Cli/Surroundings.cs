using System.Security.Cryptography;
using AMA.Archive.Ids;

namespace AMA.Gateway.Cli;

/// <summary>What the command gets from the world besides its arguments; tests put their own in place.</summary>
internal sealed record Surroundings
{
    /// <summary>Results, and nothing else: it may be piped on.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Errors, notes, progress.</summary>
    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    /// <summary>Standard output for bytes that are no text.</summary>
    public required Func<Stream> OutBytes { get; init; }

    /// <summary>An environment variable, or null.</summary>
    public required Func<string, string?> Variable { get; init; }

    public required TimeProvider Time { get; init; }
    public required IRandom Random { get; init; }
    public bool InIsTerminal { get; init; }
    public bool OutIsTerminal { get; init; }
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Makes what HTTP requests go through.</summary>
    public required Func<Uri, HttpMessageHandler> Http { get; init; }

    public static Surroundings OfThisProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = Console.In,
        OutBytes = Console.OpenStandardOutput,
        Variable = Environment.GetEnvironmentVariable,
        Time = TimeProvider.System,
        Random = new SystemRandomBytes(),
        InIsTerminal = !Console.IsInputRedirected,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Http = static server => new SocketsHttpHandler
        {
            // A redirect would carry the token to wherever somebody points.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            // A proxy cannot reach our loopback, whatever the environment says.
            UseProxy = !server.IsLoopback,
        },
    };

    /// <summary>For the spread of retries only.</summary>
    private sealed class SystemRandomBytes : IRandom
    {
        public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}
