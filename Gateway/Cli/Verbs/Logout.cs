using System.CommandLine;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

internal static class Logout
{
    public static Command Define(VerbRunner run) =>
        run.Set(new Command("logout", "Forget the session that 'ama login' kept."), (call, _) =>
        {
            var was = call.SessionFile.Delete();
            if (call.Json) call.Say(CliJson.Of(new { signedOut = was }));
            else call.Say(was ? "Signed out." : "Nobody was signed in.");
            return Task.FromResult(ExitCode.Ok);
        });
}
