using System.Text.Encodings.Web;
using System.Text.Json;

namespace AMA.Gateway.Cli.Output;

/// <summary>JSON of our own making: for terminals and programs, never inside HTML, so quotes stay readable.</summary>
internal static class CliJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static JsonWriterOptions Writing { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Options);
}
