using System.CommandLine;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

internal static class Passwd
{
    public static Command Define(VerbRunner run)
    {
        var command = new Command("passwd", "Change your password. Ends all your sessions.");
        var options = new WhoOptions(command, required: false);
        return run.Set(command, async (call, cancel) =>
        {
            var (who, answers) = (options.Of(call), options.Answers(call));
            var password = answers.Ask($"Password of {who.User} at {who.Tenant}, until now:");
            var chosen = answers.AskNew("New password, 12 characters or more:");
            using var api = call.Anonymous();
            await ProofDialog.RunAsync(answers, code => api.DoAsync(HttpMethod.Post, "/v1/session/password", new
            {
                tenant = who.Tenant, user = who.User, password, newPassword = chosen, code,
            }, cancel));
            call.Say(call.Json ? CliJson.Of(new { changed = true }) : "The password is changed; sign in again.");
            return ExitCode.Ok;
        });
    }
}
