using System.Text.Json;
using AMA.Gateway.Web.Clusters;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Orleans.Runtime;

namespace AMA.Gateway.Web.Problems;

/// <summary>Which problem an exception is. Pure: the status, kind and detail follow from the exception alone.</summary>
internal static class ProblemMapping
{
    /// <summary>Null: nobody foresaw it, so it is ours (500) and must be logged.</summary>
    public static Problem? Of(Exception exception, Endpoint? endpoint = null) => exception switch
    {
        ProblemException refused => refused.Problem,
        ControlException refused => Of(refused),
        ArchiveException refused => Of(refused),
        BadHttpRequestException unreadable => Of(unreadable, endpoint),
        ClusterAwayException away => Problem.Unavailable(away.Message),
        // A time-out does not say that nothing was done, only that we don't know: every route may be repeated.
        TimeoutException or OrleansException or EnumerationAbortedException => Problem.Unavailable(
            "The servers behind this gateway did not answer in time. Try again in a few seconds."),
        _ => null,
    };

    private static Problem Of(ControlException refused) => refused.Refusal switch
    {
        ControlRefusal.NotAuthorised => Problem.NotSignedIn(refused.Message),
        ControlRefusal.NotFound => Problem.NotFound(refused.Message),
        ControlRefusal.Conflict => Problem.Conflict(refused.Message),
        ControlRefusal.Invalid => Problem.BadRequest(refused.Message),
        ControlRefusal.NotAllowed => Problem.NotAllowed(refused.Message),
        ControlRefusal.SecondFactorRequired => Problem.SecondFactorRequired(refused.Message),
        ControlRefusal.EnrolmentRequired => Problem.EnrolmentRequired(refused.Message),
        ControlRefusal.PasswordChangeRequired => Problem.PasswordChangeRequired(refused.Message),
        ControlRefusal.TooManyTries => Problem.TooManyRequests(refused.Message, refused.RetryAfterSeconds),
        _ => Problem.Unavailable(refused.Message),
    };

    private static Problem Of(ArchiveException refused) => refused.Refusal switch
    {
        ArchiveRefusal.NotSignedIn => Problem.NotSignedIn(refused.Message),
        ArchiveRefusal.NotAllowed => Problem.NotAllowed(refused.Message),
        // Not the back end's words: a foreign and a missing id must answer alike to the last byte.
        ArchiveRefusal.NotFound => Problem.NoSuchMessage,
        ArchiveRefusal.BadQuery => Problem.BadRequest(refused.Message),
        ArchiveRefusal.Locked => Problem.Locked(refused.Message),
        _ => Problem.Unavailable(refused.Message),
    };

    private static Problem Of(BadHttpRequestException unreadable, Endpoint? endpoint)
    {
        if (unreadable.StatusCode != StatusCodes.Status400BadRequest) return Problem.OfStatus(unreadable.StatusCode);
        if (endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is not { } shape)
            return Problem.OfStatus(unreadable.StatusCode);
        var where = (unreadable.InnerException as JsonException)?.Path is { Length: > 0 } path ? $" (at {path})" : "";
        return Problem.BadRequest($"The body does not fit{where}. This route takes {Members(shape)}.");
    }

    private static string Members(Type shape) => "{" + string.Join(", ",
        shape.GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))) + "}";
}
