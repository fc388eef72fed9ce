using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;

namespace AMA.Adapters.Azure;

internal sealed record CreateKey(
    [property: JsonPropertyName("kty")] string Type, [property: JsonPropertyName("key_size")] int Bits,
    [property: JsonPropertyName("key_ops")] string[] Operations,
    [property: JsonPropertyName("attributes")] CreateAttributes Attributes);

internal sealed record CreateAttributes(
    [property: JsonPropertyName("enabled")] bool Enabled, [property: JsonPropertyName("exportable")] bool Exportable);

[JsonSerializable(typeof(CreateKey))]
internal sealed partial class VaultJsonContext : JsonSerializerContext;

/// <summary>The bodies of the Keys API. Keys go through no string and no serialiser.</summary>
internal static class VaultJson
{
    private static ReadOnlySpan<byte> OperationStart => "{\"alg\":\"RSA-OAEP-256\",\"value\":\""u8;
    private static ReadOnlySpan<byte> OperationEnd => "\"}"u8;

    /// <summary>The body of wrapkey and unwrapkey; the caller erases it.</summary>
    public static ReadOnlyMemory<byte> Operation(ReadOnlySpan<byte> value)
    {
        var encoded = Base64Url.GetEncodedLength(value.Length);
        var body = GC.AllocateUninitializedArray<byte>(
            OperationStart.Length + encoded + OperationEnd.Length, pinned: true);
        OperationStart.CopyTo(body);
        Base64Url.EncodeToUtf8(value, body.AsSpan(OperationStart.Length));
        OperationEnd.CopyTo(body.AsSpan(OperationStart.Length + encoded));
        return body;
    }

    /// <summary>The answer of wrapkey and unwrapkey, straight from its bytes; the caller disposes it.</summary>
    public static Secret Value(BinaryData content)
    {
        var reader = new Utf8JsonReader(content.ToMemory().Span);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("value"u8)) continue;
            if (!reader.Read() || reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped) break;
            if (!Base64Url.IsValid(reader.ValueSpan, out var length)) break;
            return Secret.Make(length, reader.ValueSpan, static (text, bytes) => Base64Url.DecodeFromUtf8(text, bytes));
        }
        throw NotUnderstood();
    }

    public static void Erase(ReadOnlyMemory<byte> body)
    {
        if (MemoryMarshal.TryGetArray(body, out var array)) CryptographicOperations.ZeroMemory(array);
    }

    public static VaultKey Key(BinaryData content) => Read(content, Key);

    /// <summary>A key bundle, an item of a list of versions, or a deleted key.</summary>
    public static VaultKey Key(JsonElement item)
    {
        var (name, version) = Parts(item);
        if (!Guid.TryParseExact(version, "N", out var id)) throw NotUnderstood();
        var created = item.GetProperty("attributes").GetProperty("created").GetInt64();
        DateTimeOffset? final = item.TryGetProperty("scheduledPurgeDate", out var purge)
            ? DateTimeOffset.FromUnixTimeSeconds(purge.GetInt64())
            : item.TryGetProperty("deletedDate", out var deleted)
                ? DateTimeOffset.FromUnixTimeSeconds(deleted.GetInt64()) : null;
        return new(name, id, DateTimeOffset.FromUnixTimeSeconds(created), final);
    }

    public static string Name(JsonElement item) => Parts(item).Name;

    /// <summary>Adds a page's items; answers the link to the next page, or null.</summary>
    public static Uri? Page<T>(BinaryData content, Func<JsonElement, T> read, List<T> found) => Read(content, page =>
    {
        if (page.TryGetProperty("value", out var items) && items.ValueKind == JsonValueKind.Array)
            found.AddRange(items.EnumerateArray().Select(read));
        return page.TryGetProperty("nextLink", out var link) && link.GetString() is { Length: > 0 } next
            ? new Uri(next, UriKind.Absolute) : null;
    });

    private static T Read<T>(BinaryData content, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(content.ToMemory());
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw NotUnderstood(e);
        }
    }

    /// <summary>https://{vault}/keys/{name}[/{version}], in "key" or beside it.</summary>
    private static (string Name, string? Version) Parts(JsonElement item)
    {
        var holder = item.TryGetProperty("key", out var key) ? key : item;
        var path = new Uri(holder.GetProperty("kid").GetString() ?? "", UriKind.Absolute).AbsolutePath.Split('/');
        return path.Length >= 3 ? (path[2], path.Length > 3 ? path[3] : null) : throw NotUnderstood();
    }

    private static KeyRootException NotUnderstood(Exception? inner = null) => new(
        KeyRootFault.Unavailable, "The vault's answer is not one of the Key Vault Keys API.", inner);
}
