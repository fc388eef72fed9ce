using System.Security.Cryptography;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.SignIn;

/// <summary>What persons do to their own account, once they have proved to be it.</summary>
public sealed partial class AccountsGrain
{
    Task<StateMark?> IAccountsGrain.Spend(string user, string code)
    {
        var account = Own(user);
        if (account.Second is not { Confirmed: true } second) return Task.FromResult<StateMark?>(null);
        var key = SecondFactorShards.KeyOf(_state.Value.Tenant, account.Name);
        if (StepOf(account, second, code) is { } step)
            return GrainFactory.SpentSteps(desk.Ring.Region, key).Spend(key, step);
        return RecoveryCodes.Find(account.RecoveryHashes, code) is { } hash
            ? GrainFactory.SpentCodes(desk.Ring.Region, key).Spend(key, hash, account.RecoveryHashes)
            : Task.FromResult<StateMark?>(null);
    }

    async Task<SecondFactorView> IAccountsGrain.BeginSecondFactor(string user)
    {
        var account = Own(user);
        if (account.HasSecondFactor)
            throw new ControlException(ControlRefusal.Conflict, "There is a second factor already; remove it first.");
        var second = new SecondFactor(desk.Seal.New(_state.Value.Tenant, account.Name), LastStep: 0, Confirmed: false);
        await _state.WriteAsync(_state.Value.Replace(account with { Second = second }));
        return desk.Seal.Open(second, _state.Value.Tenant, account.Name, secret => new SecondFactorView(
            TotpCheck.Text(secret), TotpCheck.Address(secret, _tenantName, account.Name)));
    }

    async Task<string[]?> IAccountsGrain.ConfirmSecondFactor(string user, string code)
    {
        var account = Own(user);
        if (account.Second is not { Confirmed: false } second)
            throw new ControlException(ControlRefusal.Conflict, "No second factor waits to be confirmed: enrol first.");
        if (StepOf(account, second, code) is not { } step) return null;
        var codes = desk.Issuer.NewRecoveryCodes();
        await _state.WriteAsync(_state.Value.Replace(account with
        {
            Second = second with { LastStep = step, Confirmed = true }, RecoveryHashes = Hashes(codes),
        }));
        return codes;
    }

    Task IAccountsGrain.RemoveSecondFactor(string user)
    {
        var changed = Own(user) with { Second = null, RecoveryHashes = [] };
        return EndingSessions(changed.Name, () => _state.WriteAsync(_state.Value.Replace(changed)));
    }

    async Task<string[]> IAccountsGrain.NewRecoveryCodes(string user)
    {
        var account = Own(user);
        if (!account.HasSecondFactor)
            throw new ControlException(ControlRefusal.Conflict, "Recovery codes stand for a second factor: enrol one.");
        var codes = desk.Issuer.NewRecoveryCodes();
        await _state.WriteAsync(_state.Value.Replace(account with { RecoveryHashes = Hashes(codes) }));
        return codes;
    }

    async Task IAccountsGrain.SetPassword(string user, string password)
    {
        var account = Own(user);
        NewUserCheck.CheckPassword(password, account.Name);
        var asBefore = await desk.Hasher.HashAsync(password, account.Salt);
        if (CryptographicOperations.FixedTimeEquals(asBefore, account.Hash))
            throw new ControlException(ControlRefusal.Invalid, "That is the password there was before.");
        var changed = await WithPassword(account, password) with { MustChangePassword = false };
        await EndingSessions(
            account.Name, () => _state.WriteAsync(UserRules.TakenOver(_state.Value, changed)));
    }

    /// <summary>Proved a moment ago, and maybe removed since.</summary>
    private Account Own(string user) => _state.Value.Find(user) is { Disabled: false } account
        ? account
        : throw new ControlException(ControlRefusal.NotAuthorised, Credentials.Refused);

    private long? StepOf(Account account, SecondFactor second, string code) => desk.Seal.Open(
        second, _state.Value.Tenant, account.Name,
        secret => TotpCheck.StepOf(secret, code, desk.Issuer.Now, second.LastStep));

    private static byte[][] Hashes(string[] codes) => [.. codes.Select(RecoveryCodes.HashOf)];
}
