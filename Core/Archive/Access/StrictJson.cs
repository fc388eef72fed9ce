using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AMA.Archive.Ids;

namespace AMA.Archive.Access;

/// <summary>
/// Bodies of signed documents: JSON in camel case, bytes as base64, ids as 32 hex digits. Reading is strict: unknown,
/// missing, doubled or null members, unknown enum names and trailing text are refused.
/// </summary>
public static class StrictJson
{
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    public static bool TryRead<T>(
        ReadOnlySpan<byte> json, JsonTypeInfo<T> type, [NotNullWhen(true)] out T? value) where T : class
    {
        try
        {
            value = JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            value = null;
        }
        return value is not null;
    }
}

/// <summary>Enums by name in kebab case; numbers are refused.</summary>
public sealed class EnumName<T>()
    : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>A <see cref="Guid"/> as 32 lower-case hex digits, the form ids have everywhere.</summary>
public sealed class IdDigits : JsonConverter<Guid>
{
    public override Guid Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        Guid.TryParseExact(reader.GetString(), "N", out var id) ? id : throw new JsonException("not an id");

    public override void Write(Utf8JsonWriter writer, Guid value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString("N"));
}

/// <summary>A <see cref="Region"/> as "eu" or "us".</summary>
public sealed class RegionName : JsonConverter<Region>
{
    public override Region Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        RegionText.TryParse(reader.GetString(), out var region) ? region : throw new JsonException("not a region");

    public override void Write(Utf8JsonWriter writer, Region value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Text());
}
