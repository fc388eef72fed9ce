using System.Text.Json.Serialization;

namespace AMA.Archive.Access;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters =
    [
        typeof(IdDigits), typeof(RegionName), typeof(EnumName<AccessRole>), typeof(EnumName<PeerRole>),
        typeof(EnumName<SourceKind>),
    ])]
[JsonSerializable(typeof(DirectoryDocument))]
[JsonSerializable(typeof(QueueKeysDocument))]
[JsonSerializable(typeof(TrustDocument))]
[JsonSerializable(typeof(AccessGrant))]
internal sealed partial class AccessJson : JsonSerializerContext;
