using System.Text.Json.Serialization;
using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Directory;
using AMA.Grains.Control.Identity;
using AMA.Grains.Control.Jobs;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Leases;
using AMA.Grains.Control.Shredding;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Control.Rotation;
using AMA.Grains.Control.Survival;

namespace AMA.Grains.Control;

/// <summary>The storage provider of Control's grains: sealed, in both stores (docs/formats/control-state.md).</summary>
public static class ControlStorage
{
    public const string Name = "control";

    /// <summary>States that hold keys which must be able to die: they lie under erasure keys.</summary>
    public static readonly string[] Erasable = ["lease", "queue-keys"];

    /// <summary>
    /// States that strangers make grow, and that nothing needs after a restore: they are in both stores, but not off
    /// site, where each version stays.
    /// </summary>
    public static readonly string[] Passing = ["lock-out", "sessions", "revocations", "spent-steps", "renewals"];
}

/// <summary>Every state of Control. Keys stand in them wrapped only.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters =
    [
        typeof(IdDigits), typeof(RegionName), typeof(EnumName<LeasePurpose>), typeof(EnumName<PeerRole>),
        typeof(EnumName<AccessRole>), typeof(EnumName<RevocationKind>), typeof(EnumName<JobPurpose>),
        typeof(EnumName<SecondFactorRule>),
        typeof(EnumName<ShredAct>),
    ])]
[JsonSerializable(typeof(DirectoryState))]
[JsonSerializable(typeof(AccountsState))]
[JsonSerializable(typeof(SessionsState))]
[JsonSerializable(typeof(LockOutState))]
[JsonSerializable(typeof(SpentStepsState))]
[JsonSerializable(typeof(SpentCodesState))]
[JsonSerializable(typeof(IdentityState))]
[JsonSerializable(typeof(LeaseState))]
[JsonSerializable(typeof(RenewalsState))]
[JsonSerializable(typeof(RevocationBook))]
[JsonSerializable(typeof(JobsState))]
[JsonSerializable(typeof(ErasureOrdersState))]
[JsonSerializable(typeof(ShreddingState))]
[JsonSerializable(typeof(ExportsState))]
[JsonSerializable(typeof(QueueKeysState))]
[JsonSerializable(typeof(PartitionKeysState))]
[JsonSerializable(typeof(ErasureState))]
[JsonSerializable(typeof(RotationState))]
[JsonSerializable(typeof(RegionKeysDocument))]
public sealed partial class ControlJson : JsonSerializerContext;
