using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Identity;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

internal static class Login
{
    public static Command Define(VerbRunner run)
    {
        var command = new Command("login",
            "Sign in; the session is kept for the commands that follow. Asks for the code of the second factor, for a "
            + "password of your own, or for enrolling a second factor, where that is needed.");
        var who = new WhoOptions(command, required: true);
        return run.Set(command, (call, cancel) => SignInAsync(call, who.Of(call), who.Answers(call), cancel));
    }

    private static async Task<ExitCode> SignInAsync(
        Invocation call, Who who, SecretAnswers answers, CancellationToken cancel)
    {
        using var api = call.Anonymous();
        var session = await new SignInDialog(call, api, who, answers).RunAsync(cancel);
        Keep(call, api.Server, who, session);
        return ExitCode.Ok;
    }

    /// <summary>Never the token: it is in the file, and terminals have long memories.</summary>
    internal static void Keep(Invocation call, Uri server, Who who, Session session)
    {
        call.SessionFile.Write(new(server, who.Tenant, who.User, session.Token, session.ExpiresAt)
        {
            Renewal = session.Renewal, SessionEndsAt = session.SessionEndsAt,
        });
        var until = session.SessionEndsAt ?? session.ExpiresAt;
        if (call.Json) call.Say(CliJson.Of(new { server, tenant = who.Tenant, user = who.User, expiresAt = until }));
        else call.Say($"Signed in at {server} as {who.User} of {who.Tenant} until {until.UtcDateTime:yyyy-MM-dd HH:mm}Z.");
    }
}
