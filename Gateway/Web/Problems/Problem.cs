using Microsoft.AspNetCore.Http;

namespace AMA.Gateway.Web.Problems;

/// <summary>An RFC 9457 problem: whose fault it is (4xx the caller's, 5xx ours) and whether to try again.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Kind">What programs branch on: the end of <c>type</c>, <c>urn:ama:problem:{kind}</c>.</param>
/// <param name="Detail">For people: what happened and what to do. Never a stack trace, a key or mail text.</param>
/// <param name="RetryAfterSeconds">Sent as Retry-After; null where trying again is of no use.</param>
internal sealed record Problem(int Status, string Kind, string Detail, int? RetryAfterSeconds = null)
{
    public const string TypePrefix = "urn:ama:problem:";

    /// <summary>Control renews or refuses a lease within seconds, so asking again sooner is of no use.</summary>
    public const int LockedRetrySeconds = 5;

    /// <summary>A silo that restarts is back within about two seconds.</summary>
    public const int UnavailableRetrySeconds = 2;

    public static Problem BadRequest(string detail) => new(StatusCodes.Status400BadRequest, "bad-request", detail);

    public static Problem NotSignedIn(string detail) =>
        new(StatusCodes.Status401Unauthorized, "not-signed-in", detail);

    public static Problem NotAllowed(string detail) => new(StatusCodes.Status403Forbidden, "not-allowed", detail);

    public static Problem SecondFactorRequired(string detail) =>
        new(StatusCodes.Status401Unauthorized, "second-factor-required", detail);

    public static Problem EnrolmentRequired(string detail) =>
        new(StatusCodes.Status403Forbidden, "second-factor-enrolment-required", detail);

    public static Problem PasswordChangeRequired(string detail) =>
        new(StatusCodes.Status403Forbidden, "password-change-required", detail);

    public static Problem NotFound(string detail) => new(StatusCodes.Status404NotFound, "not-found", detail);

    /// <summary>The one answer to a message that is missing, another tenant's, or another person's.</summary>
    public static Problem NoSuchMessage { get; } = NotFound("There is no such message.");

    public static Problem Conflict(string detail) => new(StatusCodes.Status409Conflict, "conflict", detail);

    public static Problem Locked(string detail) =>
        new(StatusCodes.Status423Locked, "locked", detail, LockedRetrySeconds);

    /// <param name="retrySeconds">Null: as <see cref="UnavailableRetrySeconds"/>.</param>
    public static Problem TooManyRequests(string detail, int? retrySeconds) =>
        new(StatusCodes.Status429TooManyRequests, "too-many-requests", detail, retrySeconds ?? UnavailableRetrySeconds);

    public static Problem Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, "unavailable", detail, UnavailableRetrySeconds);

    /// <summary>Ours. What happened stands in the log beside <paramref name="requestId"/>, not in the answer.</summary>
    public static Problem Internal(string requestId) => new(StatusCodes.Status500InternalServerError, "internal",
        $"Something went wrong here. It is logged under request {requestId}.");

    /// <summary>For answers that routing or binding gave by their status alone.</summary>
    public static Problem OfStatus(int status) => status switch
    {
        400 => BadRequest("The request cannot be read. /openapi/v1.json describes what each route takes."),
        401 => NotSignedIn("Sign in first: POST /v1/session."),
        403 => NotAllowed("That is not allowed."),
        404 => NotFound("There is nothing at this address. /openapi/v1.json lists the routes."),
        405 => new(status, "method-not-allowed", "This address does not take this method; see the Allow header."),
        408 => new(status, "request-timeout", "The request came too slowly."),
        413 => new(status, "too-large", "The body is larger than this route takes."),
        415 => new(status, "unsupported-media-type", "The body must be JSON: Content-Type: application/json."),
        429 => TooManyRequests("Too many attempts from this address. Wait a little.", null),
        < 500 => new(status, "bad-request", "The request cannot be answered."),
        _ => Unavailable("This cannot be answered at the moment. Try again in a few seconds."),
    };
}

/// <summary>Ends a request with <paramref name="problem"/>.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem => problem;
}
