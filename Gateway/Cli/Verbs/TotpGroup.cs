using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama totp …": one's own second factor.</summary>
internal static class TotpGroup
{
    public static Command Define(VerbRunner run) => new("totp", "Your second factor: codes of an authenticator app.")
    {
        Enrol(run), Remove(run), RecoveryCodes(run),
    };

    private static Command Enrol(VerbRunner run)
    {
        var command = new Command("enrol", "Enrol a second factor, and sign in with its first code.");
        var options = new WhoOptions(command, required: false);
        return run.Set(command, async (call, cancel) =>
        {
            var (who, answers) = (options.Of(call), options.Answers(call));
            var password = answers.Ask($"Password of {who.User} at {who.Tenant}:");
            using var api = call.Anonymous();
            var session = await new EnrolDialog(call, api, who, answers).RunAsync(password, cancel);
            Login.Keep(call, api.Server, who, session);
            return ExitCode.Ok;
        });
    }

    private static Command Remove(VerbRunner run)
    {
        var command = new Command("remove", "Remove your second factor. Ends all your sessions.");
        var options = new WhoOptions(command, required: false);
        return run.Set(command, async (call, cancel) =>
        {
            var (who, answers) = (options.Of(call), options.Answers(call));
            var password = answers.Ask($"Password of {who.User} at {who.Tenant}:");
            using var api = call.Anonymous();
            await ProofDialog.RunAsync(answers, code => api.DoAsync(HttpMethod.Post, "/v1/session/totp/remove",
                new { tenant = who.Tenant, user = who.User, password, code }, cancel));
            call.Say(call.Json ? CliJson.Of(new { removed = true }) : "The second factor is removed; sign in again.");
            return ExitCode.Ok;
        });
    }

    private static Command RecoveryCodes(VerbRunner run)
    {
        var command = new Command("recovery-codes", "Make ten new recovery codes; the old ones are void.");
        var options = new WhoOptions(command, required: false);
        return run.Set(command, async (call, cancel) =>
        {
            var (who, answers) = (options.Of(call), options.Answers(call));
            var password = answers.Ask($"Password of {who.User} at {who.Tenant}:");
            using var api = call.Anonymous();
            await ProofDialog.RunAsync(answers, async code => RecoveryCodesText.Show(
                call, (await api.PostAsync<NewCodes>("/v1/session/recovery-codes",
                    new { tenant = who.Tenant, user = who.User, password, code }, cancel)).Value.RecoveryCodes));
            return ExitCode.Ok;
        });
    }
}
