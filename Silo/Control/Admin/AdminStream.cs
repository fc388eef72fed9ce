using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace AMA.Silo.Control.Admin;

/// <summary>How far a long operation is.</summary>
/// <param name="Total">Null while it isn't known.</param>
public readonly record struct AdminProgress(long Done, long? Total, string Note);

/// <summary>
/// Answers of long operations: NDJSON, a line per step ("done", "total", "note"), the last with "result" or with
/// "error" and "status". A caller that goes away cancels the operation; each must be able to go on where it stopped.
/// </summary>
public static class AdminStream
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>
    /// Runs <paramref name="work"/>, which reports its steps by awaiting the function it is given.
    /// </summary>
    /// <returns>When the last line is sent. A fault before the first step is thrown, and becomes a problem.</returns>
    public static async Task RunAsync<T>(
        HttpContext context, Func<Func<AdminProgress, Task>, CancellationToken, Task<T>> work)
    {
        var cancel = context.RequestAborted;
        try
        {
            var result = await work(step => LineAsync(context, step), cancel);
            await LineAsync(context, new { result });
        }
        catch (Exception fault) when (context.Response.HasStarted && !cancel.IsCancellationRequested)
        {
            var (status, error) = AdminProblems.Of(fault);
            await LineAsync(context, new { error, status });
        }
    }

    private static async Task LineAsync<T>(HttpContext context, T line)
    {
        var response = context.Response;
        if (!response.HasStarted) response.ContentType = "application/x-ndjson";
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, Json), (byte)'\n'];
        await response.Body.WriteAsync(bytes, context.RequestAborted);
        await response.Body.FlushAsync(context.RequestAborted);
    }
}
