using System.CommandLine;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

internal static class Logout
{
    public static Command Define(VerbRunner run) =>
        run.Set(new Command("logout", "End the session that 'ama login' kept, and forget it."), async (call, cancel) =>
        {
            var ended = await EndAsync(call, cancel);
            var was = call.SessionFile.Delete();
            if (call.Json) call.Say(CliJson.Of(new { signedOut = was, ended }));
            else call.Say(was ? "Signed out." : "Nobody was signed in.");
            return ExitCode.Ok;
        });

    /// <summary>The session is forgotten here, whatever the server says; false when it can't have heard.</summary>
    private static async Task<bool> EndAsync(Invocation call, CancellationToken cancel)
    {
        try
        {
            using var api = call.TryAsPerson();
            if (api is null) return false;
            await api.DoAsync(HttpMethod.Delete, "/v1/session", null, cancel);
            return true;
        }
        catch (CliException refused) when (refused.Code is ExitCode.NotAllowed or ExitCode.Usage)
        {
            return false; // it had ended, or the file is none of ours
        }
        catch (CliException away) when (away.Code == ExitCode.TryAgain)
        {
            call.Note($"The server could not be told ({away.Message}) The session ends there by itself.");
            return false;
        }
    }
}
