using System.Text.Json.Serialization;
using AMA.Archive.Access;

namespace AMA.Archive.Keys.Leases;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(IdDigits), typeof(RegionName), typeof(EnumName<LeasePurpose>)])]
[JsonSerializable(typeof(LeaseRequest))]
[JsonSerializable(typeof(LeaseGrant))]
internal sealed partial class LeaseJson : JsonSerializerContext;
