using AMA.Archive.Access;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>Who of a tenant's people needs a second factor.</summary>
public enum SecondFactorRule
{
    /// <summary>Everybody but plain users, who may have one.</summary>
    ByRole,
    Everybody,
    /// <summary>Nobody: for trying out on one machine.</summary>
    Off,
}

/// <summary>A tenant's local users. A value; what may be done to it is <see cref="UserRules"/>.</summary>
public sealed record AccountsState
{
    public const int UsersMax = 10_000;

    public Guid Tenant { get; init; }

    public SecondFactorRule Rule { get; init; }

    public Account[] Users { get; init; } = [];

    public Account? Find(string name) => Array.Find(Users, user => user.Name == name);

    public AccountsState Add(Account account) => this with { Users = [.. Users, account] };

    public AccountsState Replace(Account account) =>
        this with { Users = [.. Users.Select(user => user.Name == account.Name ? account : user)] };

    public AccountsState Remove(string name) => this with { Users = [.. Users.Where(user => user.Name != name)] };
}

/// <param name="Name">Lower case.</param>
/// <param name="Salt">16 random bytes.</param>
/// <param name="Hash">Argon2id of the password with it.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.account")]
public sealed record Account(
    [property: Id(0)] string Name, [property: Id(1)] AccessRole Role, [property: Id(2)] string[] Addresses,
    [property: Id(3)] byte[] Salt, [property: Id(4)] byte[] Hash, [property: Id(5)] DateTimeOffset CreatedAt)
{
    [Id(6)] public bool Disabled { get; init; }

    /// <summary>The password was made by somebody else: it opens nothing but its own change.</summary>
    [Id(7)] public bool MustChangePassword { get; init; }

    [Id(8)] public SecondFactor? Second { get; init; }

    /// <summary>SHA-256 of each recovery code; which were used is kept apart: <see cref="SpentCodesState"/>.</summary>
    [Id(9)] public byte[][] RecoveryHashes { get; init; } = [];

    [Id(10)] public RoleProposal? Proposal { get; init; }

    /// <summary>By an operator, who may know the password: see <see cref="UserRules.Lasting"/>.</summary>
    [Id(11)] public bool MadeForTrial { get; init; }

    public bool HasSecondFactor => Second is { Confirmed: true };

    /// <summary>The person has made the account their own: nobody else can sign in with it.</summary>
    public bool IsTakenOver => !MustChangePassword && !Disabled;

    /// <summary>Sees mail, or keeps those who do: a password alone is not enough.</summary>
    public bool NeedsSecondFactor(SecondFactorRule rule) => rule switch
    {
        SecondFactorRule.Off => false,
        SecondFactorRule.Everybody => true,
        _ => Role != AccessRole.User,
    };

    public override string ToString() => $"account {Name}";
}

/// <param name="SealedSecret">As <see cref="SecondFactorSeal"/> seals it.</param>
/// <param name="LastStep">
/// The 30-second step whose code confirmed it: it and all before are worth nothing. Later ones: <see cref="SpentStepsState"/>.
/// </param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.second-factor")]
public sealed record SecondFactor(
    [property: Id(0)] byte[] SealedSecret, [property: Id(1)] long LastStep, [property: Id(2)] bool Confirmed);

/// <summary>A role that one person wants another to have, until a second one agrees or the time is over.</summary>
[GenerateSerializer, Immutable, Alias("ama.control.internal.role-proposal")]
public sealed record RoleProposal(
    [property: Id(0)] AccessRole Role, [property: Id(1)] string By, [property: Id(2)] DateTimeOffset ExpiresAt)
{
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);
}
