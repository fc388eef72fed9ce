using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Directory;
using AMA.Grains.Control.Identity;
using AMA.Grains.Control.Jobs;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Leases;
using AMA.Grains.Control.Shredding;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Control.Rotation;
using AMA.Grains.Control.Survival;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace AMA.Grains.Control;

public static class ControlServices
{
    /// <summary>
    /// What Control's grains are made of. The host adds: <see cref="ControlOptions"/>, both stores as one
    /// <see cref="AMA.Archive.Blobs.IBlobStore"/>, the <see cref="AuditStores"/>, a TimeProvider, an <see cref="IRandom"/>, the grain storage
    /// <see cref="ControlStorage.Name"/>; and fills <see cref="ControlKeyRoots"/> and the
    /// <see cref="KeyRingSlot"/> before the silo answers.
    /// </summary>
    public static IServiceCollection AddControlGrains(this IServiceCollection services)
    {
        services.AddSingleton<ControlKeyRoots>();
        services.AddSingleton<KeyRingSlot>();
        services.AddSingleton(provider => provider.GetRequiredService<KeyRingSlot>().Ring);
        services.AddSingleton<AuditOpening>();
        services.AddSingleton<AuditReading>();
        services.AddSingleton<AuditVerification>();
        services.AddSingleton<PasswordHasher>();
        services.AddSingleton<GrantIssuer>();
        services.AddSingleton<SecondFactorSeal>();
        services.AddSingleton<AccountDesk>();
        services.AddSingleton<ISignInMethod, LocalPasswords>();
        services.AddSingleton<RefusalBudget>();
        services.AddSingleton<RefusalRecord>();
        services.AddSingleton<SignInTries>();
        services.AddSingleton<SignInDesk>();
        services.AddSingleton<SessionGate>();
        services.AddSingleton<OperatorGate>();
        services.AddSingleton<KeeperGate>();
        services.AddSingleton<OperatorRecord>();
        services.AddSingleton<ControlOverview>();
        services.AddSingleton(provider => new DirectoryDesk(
            provider.GetRequiredService<KeyRing>(), provider.GetRequiredService<OperatorGate>(),
            provider.GetRequiredService<GrantIssuer>(), provider.GetRequiredService<IRandom>()));
        services.AddSingleton<EnrolmentTokens>();
        services.AddSingleton<ControlTrust>();
        services.AddSingleton<PeerDesk>();
        services.AddSingleton<CertificateIssuer>();
        services.AddSingleton<RequestGate>();
        services.AddSingleton<LeaseChecks>();
        services.AddSingleton<ShreddingDesk>();
        services.AddSingleton<LeaseDesk>();
        services.AddSingleton<SurvivalCare>();
        services.AddSingleton<PersonGate>();
        services.AddSingleton<RecoveryDesk>();
        services.AddSingleton<RegionRotation>();
        services.AddSingleton<RegionSuccession>();
        services.AddSingleton<OperatorTokenRenewal>();
        services.AddSingleton<RestoredTenants>();
        services.AddSingleton<ReplayBoard>();
        services.AddSingleton<TenantReplays>();
        services.AddSingleton<RestoreRecord>();
        services.AddSingleton<InternalCalls>();
        services.AddSingleton<IIncomingGrainCallFilter, ControlEdge>();
        services.AddSingleton<IOutgoingGrainCallFilter>(provider => provider.GetRequiredService<InternalCalls>());
        return services.AddSingleton<IIncomingGrainCallFilter>(
            provider => provider.GetRequiredService<InternalCalls>());
    }
}
