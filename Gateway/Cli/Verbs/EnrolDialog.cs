using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Identity;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>Shows a new second factor, takes its first code, shows the recovery codes.</summary>
internal sealed class EnrolDialog(Invocation call, ArchiveApi api, Who who, SecretAnswers answers)
{
    public async Task<Session> RunAsync(string password, CancellationToken cancel)
    {
        var made = (await api.PostAsync<SecondFactor>(
            "/v1/session/totp", new { tenant = who.Tenant, user = who.User, password }, cancel)).Value;
        Show(made);
        var code = answers.Ask("First code of the second factor:");
        var confirmed = (await api.PostAsync<Confirmed>(
            "/v1/session/totp/confirm", new { tenant = who.Tenant, user = who.User, password, code }, cancel)).Value;
        RecoveryCodesText.Show(call, confirmed.RecoveryCodes);
        return confirmed.Session;
    }

    /// <summary>On standard error, also for scripts: without it nobody could give the code that is asked for.</summary>
    private void Show(SecondFactor made)
    {
        var error = call.Around.Error;
        error.WriteLine("A second factor is needed. Scan this with an authenticator app, or type the secret:");
        error.WriteLine();
        if (call.Around.ErrorIsTerminal) error.WriteLine(QrText.Of(made.Address));
        error.WriteLine($"  secret   {Printable.Of(made.Secret)}");
        error.WriteLine($"  address  {Printable.Of(made.Address)}");
        error.WriteLine();
    }
}

internal static class RecoveryCodesText
{
    public static void Show(Invocation call, string[] codes)
    {
        if (call.Json)
        {
            call.Say(CliJson.Of(new { recoveryCodes = codes }));
            return;
        }
        call.Say("Recovery codes, each good once when the second factor is lost:");
        foreach (var code in codes) call.Say($"  {Printable.Of(code)}");
        call.Note("They are shown this once. Keep them away from this machine.");
    }
}
