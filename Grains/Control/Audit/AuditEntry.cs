using System.Text.Json;
using System.Text.Json.Serialization;
using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using Orleans;

namespace AMA.Grains.Control.Audit;

/// <summary>What Control was asked for.</summary>
public enum AuditAct
{
    /// <summary>Only when read: written by a later version.</summary>
    Unknown,
    LeaseGrant,
    LeaseRenewal,
    LeaseRelease,
    LeasePolicy,
    Revocation,
    RevocationLift,
    Job,
    ExportRequest,
    Erasure,
    Registration,
    Enrolment,
    SignIn,
    OperatorGrant,
    TenantCreation,
    TenantListing,
    UserCreation,
    ControlStatus,
    AuditReading,
    StateWrite,
    ErasureKeyDestruction,
    CertificateRenewal,
    EnrolmentToken,
    PeerRevocation,
    SessionRenewal,
    SessionListing,
    SessionEnd,
    LockOut,
    SecondFactorEnrolment,
    SecondFactorRemoval,
    SecondFactorRule,
    RecoveryCodes,
    PasswordChange,
    PasswordReset,
    UserListing,
    UserChange,
    UserRemoval,
    RoleChange,
    RoleProposal,
    RoleApproval,
    RootMigration,
    RootRotation,
    RecoveryCreation,
    RecoveryDrill,
    Restore,
    KeyRotation,
    QueueKeyDestruction,
    PartitionKeyDestruction,
    OperatorTokenRotation,
    RefusalSummary,
    SourceListing,
    SourceCreation,
    SourceRemoval,
    TenantChange,
    SourceChange,
}

/// <summary>
/// Which generation of a state of Control is the newest: an older copy of the state, put back into the stores, is known
/// by it. Recorded in the entry of the act that made the generation.
/// </summary>
/// <param name="Name">The state's own name, 1 to 256 characters; no person's, no tenant's.</param>
/// <param name="Generation">Rises by one with each write.</param>
/// <param name="Sha256">Of the state's blob, 32 bytes.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.state-mark")]
public sealed record StateMark(
    [property: Id(0)] string Name, [property: Id(1)] long Generation, [property: Id(2)] byte[] Sha256);

/// <summary>
/// One line of Control's audit log: what was granted or refused, to whom and why. Names and addresses in it are sealed
/// with the log (docs/formats/control-state.md, "Audit").
/// </summary>
/// <param name="Silo">The silo's or gateway's name; in a refusal maybe only what it claimed.</param>
/// <param name="Person">The user's name.</param>
/// <param name="By">Who did it to the person; absent where persons do it themselves.</param>
/// <param name="Detail">What was changed to: a role, a rule, a number.</param>
/// <param name="Targets">"class/epoch/generation", with ":leaf,leaf,…" where leaves were asked for.</param>
/// <param name="Reason">Of a refusal.</param>
public sealed record AuditEntry(AuditAct Act, bool Granted, DateTimeOffset Time)
{
    private const int TextCharsMax = 256;

    public Guid? Tenant { get; init; }
    public string? TenantName { get; init; }
    public string? Silo { get; init; }
    public LeasePurpose? Purpose { get; init; }
    public string? Person { get; init; }
    public string? By { get; init; }
    public string? Detail { get; init; }
    public Guid? Session { get; init; }
    public string[]? Targets { get; init; }
    public Guid? Lease { get; init; }
    public ulong? Fence { get; init; }
    public string? Reason { get; init; }

    /// <summary>The state that this act wrote, or is about to write.</summary>
    public StateMark? Mark { get; init; }

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this with
    {
        Silo = Clip(Silo), Person = Clip(Person), TenantName = Clip(TenantName), Reason = Clip(Reason),
        By = Clip(By), Detail = Clip(Detail),
    }, AuditJson.Default.AuditEntry);

    public static AuditEntry Decode(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, AuditJson.Default.AuditEntry) ?? throw new JsonException("no entry");

    /// <summary>What a stranger sends as a name must not fill the log.</summary>
    private static string? Clip(string? text) => text is { Length: > TextCharsMax } ? text[..TextCharsMax] : text;
}

/// <summary>
/// Names in kebab case. One that this version doesn't know reads as the first of its kind: ten years of entries must stay
/// readable by every version, and what counts of an entry are its bytes.
/// </summary>
internal sealed class AuditName<T> : JsonConverter<T> where T : struct, Enum
{
    private static readonly Dictionary<T, string> Names = Enum.GetValues<T>().ToDictionary(
        value => value, value => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()));

    private static readonly Dictionary<string, T> Values = Names.ToDictionary(name => name.Value, name => name.Key);

    public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? Values.GetValueOrDefault(reader.GetString()!)
            : throw new JsonException("not a name");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Names[value]);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    Converters = [typeof(IdDigits), typeof(AuditName<AuditAct>), typeof(AuditName<LeasePurpose>)])]
[JsonSerializable(typeof(AuditEntry))]
internal sealed partial class AuditJson : JsonSerializerContext;
