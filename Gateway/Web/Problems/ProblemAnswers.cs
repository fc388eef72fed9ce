using AMA.Gateway.Web.Hardening;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Web.Problems;

/// <summary>
/// The outermost edge: whatever goes wrong inside becomes a problem answer here, and nothing of our insides (types,
/// stacks, file names) leaves with it.
/// </summary>
internal sealed partial class ProblemAnswers(RequestDelegate next, ILogger<ProblemAnswers> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has left; there is nobody to answer.
        }
        catch (Exception exception)
        {
            await AnswerAsync(context, exception);
        }
    }

    /// <summary>Gives answers that have a status but no body (unknown route, wrong method) their problem.</summary>
    public static Task AnswerStatusAsync(StatusCodeContext bare) =>
        WriteAsync(bare.HttpContext, Problem.OfStatus(bare.HttpContext.Response.StatusCode));

    public static async Task WriteAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        if (problem.RetryAfterSeconds is { } seconds) response.Headers.RetryAfter = seconds.ToString();
        if (problem.Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer";
        await TypedResults.Problem(new ProblemDetails
        {
            Status = problem.Status,
            Type = Problem.TypePrefix + problem.Kind,
            Title = ReasonPhrases.GetReasonPhrase(problem.Status),
            Detail = problem.Detail,
        }).ExecuteAsync(context);
    }

    private async Task AnswerAsync(HttpContext context, Exception exception)
    {
        var problem = ProblemMapping.Of(exception, context.GetEndpoint());
        if (problem is null) LogUnforeseen(context.TraceIdentifier, Where(exception));
        if (context.Response.HasStarted)
        {
            // Half a message must not look like a whole one: cut the connection, so that the client sees the break.
            LogBroken(context.TraceIdentifier, exception.GetType().Name);
            context.Abort();
            return;
        }
        context.Response.Clear();
        AnswerHeaders.Set(context.Response.Headers);
        await WriteAsync(context, problem ?? Problem.Internal(context.TraceIdentifier));
    }

    /// <summary>Types and stack, without messages: an exception's message may quote what a user typed.</summary>
    private static string Where(Exception exception)
    {
        var lines = new List<string>();
        for (var inner = exception; inner is not null && lines.Count < InnerExceptionsMax; inner = inner.InnerException)
            lines.Add($"{inner.GetType().FullName}\n{inner.StackTrace}");
        return string.Join("\nfrom ", lines);
    }

    private const int InnerExceptionsMax = 4;
}
