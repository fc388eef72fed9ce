using AMA.Archive.Access;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>Who acts on a tenant's users.</summary>
/// <param name="Name">The account's, or "operator".</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.actor")]
public sealed record Actor([property: Id(0)] string Name, [property: Id(1)] AccessRole Role)
{
    public static Actor Operator { get; } = new("operator", AccessRole.Operator);
}

/// <summary>
/// Who may do what to whom (docs/decisions, "Who keeps a tenant's users"). Pure; throws <see cref="ControlException"/>.
/// </summary>
public static class UserRules
{
    /// <summary>Roles that a tenant-admin gives alone.</summary>
    private static readonly AccessRole[] Plain = [AccessRole.User, AccessRole.Auditor, AccessRole.TenantAdmin];

    /// <summary>
    /// From here on the tenant is its own: an operator made its first tenant-admin, whose password is theirs now.
    /// </summary>
    public static bool IsOnItsOwn(AccountsState state) =>
        Array.Exists(state.Users, user => user.Role == AccessRole.TenantAdmin && user.IsTakenOver);

    /// <summary>
    /// Whether this actor keeps accounts of that role at all. An operator must not get at mail, so whoever reads some
    /// is made by the tenant; only a trial, which has no second factors, needs no tenant-admin first.
    /// </summary>
    public static bool Keeps(AccountsState state, Actor actor, AccessRole role) => actor.Role switch
    {
        AccessRole.Operator => role == AccessRole.SecurityOfficerProvider
            || (!IsOnItsOwn(state) && (role == AccessRole.TenantAdmin || IsTrial(state))),
        AccessRole.TenantAdmin => role != AccessRole.SecurityOfficerProvider,
        _ => false,
    };

    /// <summary>On one machine only: <see cref="ControlOptions.SecondFactorMayBeOff"/>.</summary>
    public static bool IsTrial(AccountsState state) => state.Rule == SecondFactorRule.Off;

    /// <summary>
    /// The account as it counts: one that an operator made for a trial is worth nothing once that is over.
    /// </summary>
    public static Account Lasting(AccountsState state, Account account) =>
        account.MadeForTrial && !IsTrial(state) ? account with { Disabled = true } : account;

    /// <summary>
    /// The tenant is its own with this account: other admins whose passwords the operator made and may still know are
    /// gone. Anything else comes as it was.
    /// </summary>
    public static AccountsState TakenOver(AccountsState state, Account own)
    {
        var next = state.Replace(own);
        return IsOnItsOwn(state) || !IsOnItsOwn(next) ? next : next with
        {
            Users = [.. next.Users.Where(
                user => user.Role != AccessRole.TenantAdmin || !user.MustChangePassword || user.Name == own.Name)],
        };
    }

    public static void CheckSees(Actor actor)
    {
        if (actor.Role is not (AccessRole.Operator or AccessRole.TenantAdmin or AccessRole.SecurityOfficerTenant))
            throw NotAllowed("This is for the tenant's admins.");
    }

    public static Account[] SeenBy(AccountsState state, Actor actor) => actor.Role == AccessRole.Operator
        ? [.. state.Users.Where(user => Keeps(state, actor, user.Role))]
        : state.Users;

    /// <param name="isGiven">The password was chosen by the actor.</param>
    public static void CheckCreate(AccountsState state, Actor actor, AccessRole role, bool isGiven)
    {
        CheckKeeps(state, actor, role);
        if (isGiven && actor.Role == AccessRole.Operator
            && role is (AccessRole.TenantAdmin or AccessRole.SecurityOfficerProvider))
            throw Invalid("An operator chooses nobody's password: leave it out, and one is made, for once.");
        if (role == AccessRole.SecurityOfficerTenant)
            throw Invalid("Nobody is made a tenant's security officer: make the user, let them sign in and enrol a "
                + "second factor, then give the role, which a second person approves.");
    }

    /// <summary>The account that is to be changed, once it is sure that this actor may.</summary>
    public static Account Target(AccountsState state, Actor actor, string name)
    {
        var account = state.Find(name);
        if (account is null || !SeenBy(state, actor).Contains(account)) throw NoSuchUser();
        CheckKeeps(state, actor, account.Role);
        if (actor.Role != AccessRole.Operator && actor.Name == name)
            throw NotAllowed("Nobody does this to their own account: ask another tenant-admin.");
        return account;
    }

    /// <summary>The account with its new role; or with the role proposed, where a second person must agree.</summary>
    public static Account WithRole(
        AccountsState state, Actor actor, Account account, AccessRole role, DateTimeOffset now)
    {
        CheckKeeps(state, actor, role);
        if (actor.Role == AccessRole.Operator) throw NotAllowed("An operator makes accounts, and changes no role.");
        if (account.Role == AccessRole.SecurityOfficerProvider || role == AccessRole.SecurityOfficerProvider)
            throw Invalid("A provider's security officer is made and removed, never turned into something else.");
        if (Plain.Contains(role)) return account with { Role = role, Proposal = null };
        if (!account.IsTakenOver || (account.Second is not { Confirmed: true } && state.Rule != SecondFactorRule.Off))
            throw Conflict("That person must first sign in, choose a password and enrol a second factor.");
        return account with { Proposal = new(role, actor.Name, now + RoleProposal.Life) };
    }

    /// <summary>The account with the proposed role: two persons wanted it, and neither of them for themselves.</summary>
    public static Account Approved(AccountsState state, Actor actor, string name, DateTimeOffset now)
    {
        if (actor.Role is not (AccessRole.TenantAdmin or AccessRole.SecurityOfficerTenant))
            throw NotAllowed("A role is approved by a tenant-admin or a security officer of the tenant.");
        var account = state.Find(name) ?? throw NoSuchUser();
        if (account.Proposal is not { } proposal || now >= proposal.ExpiresAt)
            throw NotFound("No role is proposed for this user.");
        if (actor.Name == proposal.By || actor.Name == name)
            throw NotAllowed("Another person than the one who proposed it, and than the user, must approve.");
        return account with { Role = proposal.Role, Proposal = null };
    }

    /// <summary>
    /// Whoever resets a password could sign in with it, so not an officer's: the office is taken away first.
    /// </summary>
    public static void CheckReset(Actor actor, Account account)
    {
        if (actor.Role == AccessRole.TenantAdmin && account.Role == AccessRole.SecurityOfficerTenant)
            throw Conflict("First take the office away (role user): nobody makes an officer's password.");
    }

    /// <summary>By whoever keeps the tenant; an operator no more once it is on its own.</summary>
    public static void CheckSetRule(AccountsState state, Actor actor, SecondFactorRule rule, bool mayBeOff)
    {
        CheckKeeps(state, actor, AccessRole.TenantAdmin);
        if (rule == SecondFactorRule.Off && !mayBeOff)
            throw Invalid("The second factor can be off only where REST is served to this machine alone.");
    }

    public static SecondFactorRule ParseRule(string? text) => text switch
    {
        null or "by-role" => SecondFactorRule.ByRole,
        "everybody" => SecondFactorRule.Everybody,
        "off" => SecondFactorRule.Off,
        _ => throw Invalid("The second factor is by-role, everybody or off."),
    };

    private static void CheckKeeps(AccountsState state, Actor actor, AccessRole role)
    {
        if (Keeps(state, actor, role)) return;
        throw NotAllowed(actor.Role == AccessRole.Operator
            ? "A tenant keeps its own users: its tenant-admins may, and the operator makes the first of those."
            : role == AccessRole.SecurityOfficerProvider
                ? "The provider's security officers are the operator's."
                : "This is for the tenant's admins.");
    }

    private static ControlException NoSuchUser() => NotFound("The tenant has no such user.");
    private static ControlException NotFound(string why) => new(ControlRefusal.NotFound, why);
    private static ControlException NotAllowed(string why) => new(ControlRefusal.NotAllowed, why);
    private static ControlException Invalid(string why) => new(ControlRefusal.Invalid, why);
    private static ControlException Conflict(string why) => new(ControlRefusal.Conflict, why);
}
