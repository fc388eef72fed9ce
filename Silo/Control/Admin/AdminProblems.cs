using System.Text.Json;
using AMA.Archive.Keys.Roots;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace AMA.Silo.Control.Admin;

/// <summary>Whatever goes wrong in a route is answered as problem+json: a sentence, and whether to try again.</summary>
internal sealed partial class AdminProblems(RequestDelegate next, ILogger<AdminProblems> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
                await WriteAsync(context, context.Response.StatusCode, "There is no such route.");
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has left; there is nobody to answer.
        }
        catch (Exception fault)
        {
            var (status, detail) = Of(fault);
            if (status == StatusCodes.Status500InternalServerError) LogFault(context.Request.Path, fault);
            if (context.Response.HasStarted) context.Abort();
            else await WriteAsync(context, status, detail);
        }
    }

    /// <summary>Status and sentence of a fault, the same as the last line of a stream says.</summary>
    internal static (int Status, string Detail) Of(Exception fault) => fault switch
    {
        ControlException { Refusal: var refusal } => (StatusOf(refusal), fault.Message),
        KeyRootException { IsTransient: true } => (StatusCodes.Status503ServiceUnavailable, fault.Message),
        KeyRootException => (StatusCodes.Status409Conflict, fault.Message),
        BadHttpRequestException bad => (bad.StatusCode, "The request can't be read: " + bad.Message),
        _ => (StatusCodes.Status500InternalServerError, "Control has a fault of its own; its log says which."),
    };

    private static int StatusOf(ControlRefusal refusal) => refusal switch
    {
        ControlRefusal.NotAuthorised => StatusCodes.Status401Unauthorized,
        ControlRefusal.NotFound => StatusCodes.Status404NotFound,
        ControlRefusal.Conflict => StatusCodes.Status409Conflict,
        ControlRefusal.Invalid => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    private static Task WriteAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        var problem = new ProblemDetails
        {
            Status = status, Title = ReasonPhrases.GetReasonPhrase(status), Detail = detail,
        };
        return context.Response.WriteAsJsonAsync(
            problem, (JsonSerializerOptions?)null, "application/problem+json", context.RequestAborted);
    }

    [LoggerMessage(1, LogLevel.Error, "Admin route {path} failed")]
    private partial void LogFault(string path, Exception fault);
}
