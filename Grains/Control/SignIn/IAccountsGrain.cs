using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// A tenant's accounts, asked by grains that know who is acting. Key: "{region}/{tenant name, lower case}". Throws
/// <see cref="ControlException"/>. What changes is durable when a call returns.
/// </summary>
[Alias("ama.control.internal.accounts")]
internal interface IAccountsGrain : IGrainWithStringKey
{
    /// <summary>The tenant is there from now on, with this id.</summary>
    [Alias("open")] Task Open(Guid tenant, SecondFactorRule rule);

    /// <summary>Reads the durable state only, so it needs no turn.</summary>
    [Alias("find"), AlwaysInterleave] Task<FoundAccount> Find(string user);

    [Alias("list"), AlwaysInterleave] Task<UserView[]> List(Actor actor);
    [Alias("create")] Task<UserView> Create(Actor actor, NewUser user);
    [Alias("change")] Task<UserView> Change(Actor actor, string user, UserChange change);
    [Alias("remove")] Task Remove(Actor actor, string user);
    [Alias("reset-password")] Task<UserView> ResetPassword(Actor actor, string user);
    [Alias("approve")] Task<UserView> Approve(Actor actor, string user);
    [Alias("set-rule")] Task SetRule(Actor actor, SecondFactorRule rule);

    /// <summary>
    /// Uses up a code of the second factor, or a recovery code; null when it is none, or was used. The caller puts the
    /// mark on record with what the code was used for. Changes nothing here, so it needs no turn.
    /// </summary>
    [Alias("spend"), AlwaysInterleave] Task<StateMark?> Spend(string user, string code);

    [Alias("begin-second-factor")] Task<SecondFactorView> BeginSecondFactor(string user);

    /// <summary>Null when the code is wrong; otherwise the recovery codes.</summary>
    [Alias("confirm-second-factor")] Task<string[]?> ConfirmSecondFactor(string user, string code);

    [Alias("remove-second-factor")] Task RemoveSecondFactor(string user);
    [Alias("new-recovery-codes")] Task<string[]> NewRecoveryCodes(string user);
    [Alias("set-password")] Task SetPassword(string user, string password);
}

/// <param name="Tenant">Empty when there is no such tenant.</param>
/// <param name="Account">Null when there is no such user.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.found-account")]
public sealed record FoundAccount(
    [property: Id(0)] Guid Tenant, [property: Id(1)] SecondFactorRule Rule, [property: Id(2)] Account? Account);
