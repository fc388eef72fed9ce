using System.Net;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Api;

/// <summary>From HTTP status to exit code and advice. Pure.</summary>
internal static class Refusal
{
    public static CliException Of(HttpStatusCode status, string? detail, TimeSpan? retryAfter)
    {
        var code = CodeOf((int)status);
        var said = detail is null ? $"The server answered {(int)status}." : Printable.Of(detail);
        return new(code, said, Advice((int)status, retryAfter));
    }

    public static ExitCode CodeOf(int status) => status switch
    {
        400 or 405 or 413 or 414 or 415 or 431 => ExitCode.Usage,
        401 or 403 => ExitCode.NotAllowed,
        408 or 423 or 429 or 502 or 503 or 504 => ExitCode.TryAgain,
        _ => ExitCode.Failure,
    };

    private static string? Advice(int status, TimeSpan? retryAfter) => status switch
    {
        401 => "Sign in with 'ama login', or check the operator token file.",
        423 => "The archive has no keys at the moment; mail is still accepted. " + TryAgain(retryAfter),
        408 or 429 or 502 or 503 or 504 => TryAgain(retryAfter),
        _ => null,
    };

    private static string TryAgain(TimeSpan? after) =>
        after is { TotalSeconds: > 0 } wait ? $"Try again in {wait.TotalSeconds:0} s." : "Try again.";
}
