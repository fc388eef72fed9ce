using System.Net;
using System.Text.Json;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Api;

/// <summary>How far a long operation of Control is.</summary>
internal sealed record ProgressLine(long Done, long? Total, string Note);

/// <summary>NDJSON of a long operation: steps, then one line with its result or its error.</summary>
internal static class ProgressLines
{
    private const int LineCharsMax = 1 << 20;

    public static async Task<Answer<T>> ReadAsync<T>(
        Stream stream, Action<ProgressLine> line, CancellationToken cancel)
    {
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancel) is { } text)
        {
            if (text.Length > LineCharsMax) throw new IOException("a line of the answer is too long");
            using var read = JsonDocument.Parse(text);
            var root = read.RootElement;
            if (root.TryGetProperty("error", out var error)) throw Failed(root, error.GetString());
            if (root.TryGetProperty("result", out var result))
                return new(result.Deserialize<T>(JsonSerializerOptions.Web)!, result.GetRawText());
            line(root.Deserialize<ProgressLine>(JsonSerializerOptions.Web)!);
        }
        throw new IOException("the answer has no last line");
    }

    private static CliException Failed(JsonElement root, string? error)
    {
        var status = root.TryGetProperty("status", out var number) ? number.GetInt32() : 500;
        return Refusal.Of((HttpStatusCode)status, new(null, Printable.Of(error ?? "")), null);
    }
}
