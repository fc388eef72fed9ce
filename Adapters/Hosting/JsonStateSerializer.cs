using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Storage;

namespace AMA.Adapters.Hosting;

/// <summary>
/// Grain states as JSON, of the types that <paramref name="types"/> was generated for and no others: a state names no
/// type, so nothing in it chooses code.
/// </summary>
public sealed class JsonStateSerializer(JsonSerializerContext types) : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) =>
        new(JsonSerializer.SerializeToUtf8Bytes(input, typeof(T), types));

    public T Deserialize<T>(BinaryData input) =>
        (T)(JsonSerializer.Deserialize(input.ToMemory().Span, typeof(T), types) ?? throw new JsonException("no state"));
}
