using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Identity;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

internal static class Login
{
    public static Command Define(VerbRunner run)
    {
        var tenant = new Option<string>("--tenant") { Description = "The tenant.", HelpName = "NAME", Required = true };
        var user = new Option<string>("--user") { Description = "The user.", HelpName = "USER", Required = true };
        var fromInput = new Option<bool>("--password-stdin")
        {
            Description = "Read the password from standard input instead of asking for it.",
        };
        var command = new Command("login", "Sign in; the session is kept for the commands that follow.")
        {
            tenant, user, fromInput,
        };
        return run.Set(command, (call, cancel) => SignInAsync(call, new(
            call.Parsed.GetRequiredValue(tenant), call.Parsed.GetRequiredValue(user),
            call.Parsed.GetValue(fromInput)), cancel));
    }

    private sealed record Who(string Tenant, string User, bool PasswordFromInput);

    private static async Task<ExitCode> SignInAsync(Invocation call, Who who, CancellationToken cancel)
    {
        var password = who.PasswordFromInput
            ? SecretInput.FromStandardInput(call.Around)
            : SecretInput.FromTerminal($"Password of {who.User} at {who.Tenant}:", call.Around);
        using var api = call.Anonymous();
        var body = new { tenant = who.Tenant, user = who.User, password };
        var session = (await api.PostAsync<Session>("/v1/session", body, cancel)).Value;
        var file = call.SessionFile;
        file.Write(new(api.Server, who.Tenant, who.User, session.Token, session.ExpiresAt));
        Show(call, api.Server, who, session);
        return ExitCode.Ok;
    }

    /// <summary>Never the token: it is in the file, and terminals have long memories.</summary>
    private static void Show(Invocation call, Uri server, Who who, Session session)
    {
        if (call.Json)
        {
            call.Say(CliJson.Of(new { server, tenant = who.Tenant, user = who.User, expiresAt = session.ExpiresAt }));
            return;
        }
        call.Say($"Signed in at {server} as {who.User} of {who.Tenant} "
            + $"until {session.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm}Z.");
    }
}
