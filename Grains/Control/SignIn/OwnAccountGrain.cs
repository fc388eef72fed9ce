using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>Each step: credentials in full, on record, done. Keeps nothing itself.</summary>
[GrainType("ama.control.own-account")]
public sealed class OwnAccountGrain(KeyRing ring, SignInDesk desk, SessionGate gate) : Grain, IOwnAccountGrain
{
    private string _tenantName = "";

    private IAccountsGrain Accounts => desk.Accounts(_tenantName);

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _tenantName = RegionCheck.Rest(ring, this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<SecondFactorView> Enrol(Credentials credentials)
    {
        var proved = await desk.Prove(AuditAct.SecondFactorEnrolment, _tenantName, credentials);
        RefuseOneTimePassword(proved);
        await desk.Record(desk.Granted(proved) with { Detail = "begun" });
        return await Accounts.BeginSecondFactor(proved.Account.Name);
    }

    public async Task<ConfirmedView> Confirm(Credentials credentials)
    {
        var proved = await desk.Prove(AuditAct.SecondFactorEnrolment, _tenantName, credentials);
        RefuseOneTimePassword(proved);
        var codes = await desk.CheckCode(
            proved, () => Accounts.ConfirmSecondFactor(proved.Account.Name, credentials.Code ?? ""));
        await desk.Record(desk.Granted(proved) with { Detail = "confirmed" });
        await desk.Succeed(proved);
        return new(codes, await gate.Open(proved with { Act = AuditAct.SignIn }));
    }

    public Task Remove(Credentials credentials) => Do(
        AuditAct.SecondFactorRemoval, credentials, proved => Accounts.RemoveSecondFactor(proved.Account.Name));

    public async Task<string[]> NewRecoveryCodes(Credentials credentials)
    {
        string[] codes = [];
        await Do(AuditAct.RecoveryCodes, credentials, async proved =>
            codes = await Accounts.NewRecoveryCodes(proved.Account.Name));
        return codes;
    }

    public Task ChangePassword(Credentials credentials, string newPassword) => Do(
        AuditAct.PasswordChange, credentials, proved => Accounts.SetPassword(proved.Account.Name, newPassword));

    private async Task Do(AuditAct act, Credentials credentials, Func<ProvedAccount, Task> step)
    {
        var proved = await desk.Prove(act, _tenantName, credentials);
        proved = await desk.CheckSecondFactor(proved);
        await desk.Succeed(proved);
        await desk.Record(desk.Granted(proved));
        await step(proved);
    }

    /// <summary>Whoever made the password must not be able to enrol their own device.</summary>
    private static void RefuseOneTimePassword(ProvedAccount proved)
    {
        if (proved.Account.MustChangePassword)
            throw new ControlException(
                ControlRefusal.PasswordChangeRequired, "This password was made for you, for once: choose your own.");
    }
}
