using System.Net;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Api;

/// <summary>From HTTP status to exit code and advice. Pure.</summary>
internal static class Refusal
{
    /// <summary>What a problem answer says: its kind for programs, its sentence for people.</summary>
    internal sealed record Said(string? Type, string? Detail)
    {
        private const string Prefix = "urn:ama:problem:";

        public string? Kind => Type?.StartsWith(Prefix, StringComparison.Ordinal) == true ? Type[Prefix.Length..] : null;
    }

    public static CliException Of(HttpStatusCode status, Said? problem, TimeSpan? retryAfter)
    {
        var code = CodeOf((int)status);
        var said = problem?.Detail is not { } detail ? $"The server answered {(int)status}." : Printable.Of(detail);
        return new(code, said, Advice((int)status, problem?.Kind, retryAfter)) { Problem = problem?.Kind };
    }

    public static ExitCode CodeOf(int status) => status switch
    {
        400 or 405 or 413 or 414 or 415 or 431 => ExitCode.Usage,
        401 or 403 => ExitCode.NotAllowed,
        408 or 423 or 429 or 502 or 503 or 504 => ExitCode.TryAgain,
        _ => ExitCode.Failure,
    };

    private static string? Advice(int status, string? kind, TimeSpan? retryAfter) => status switch
    {
        401 when kind == "second-factor-required" => "Have the code of the second factor ready, or a recovery code.",
        403 when kind == "password-change-required" => "'ama login' asks for a password of your own.",
        403 when kind == "second-factor-enrolment-required" => "'ama login' enrols one.",
        401 => "Sign in with 'ama login', or check the operator token file.",
        423 => "The archive has no keys at the moment; mail is still accepted. " + TryAgain(retryAfter),
        408 or 429 or 502 or 503 or 504 => TryAgain(retryAfter),
        _ => null,
    };

    private static string TryAgain(TimeSpan? after) =>
        after is { TotalSeconds: > 0 } wait ? $"Try again in {wait.TotalSeconds:0} s." : "Try again.";
}
