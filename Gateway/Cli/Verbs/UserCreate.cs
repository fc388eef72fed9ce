using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Identity;

namespace AMA.Gateway.Cli.Verbs;

internal static class UserCreate
{
    private sealed record Symbols(
        Argument<string> User, KeeperOptions Keeper, Option<string> Role, Option<string[]> Addresses,
        Option<string?> PasswordFile);

    public static Command Define(VerbRunner run, KeeperOptions keeper)
    {
        var symbols = new Symbols(
            new("USER") { Description = "The name to sign in with: a short name or an address." },
            keeper,
            new("--role")
            {
                Description = "user: own mail; auditor: the tenant's archive; tenant-admin: keeps the users; "
                    + "security-officer-provider: the operator's.",
                Required = true,
            },
            new("--address")
            {
                Description = "An address of this person. May be given several times. A user sees mail that names one.",
                HelpName = "ADDRESS",
                AllowMultipleArgumentsPerToken = true,
            },
            new("--password-file")
            {
                Description = "File whose first line is the password, '-' for standard input. Left out: one is made.",
                HelpName = "FILE",
            });
        symbols.Role.AcceptOnlyFromAmong("user", "auditor", "tenant-admin", "security-officer-provider");
        var command = new Command("create", "Create a user of a tenant.")
        {
            symbols.User, symbols.Role, symbols.Addresses, symbols.PasswordFile,
        };
        return run.Set(command, (call, cancel) => CreateAsync(call, symbols, cancel));
    }

    private static async Task<ExitCode> CreateAsync(Invocation call, Symbols symbols, CancellationToken cancel)
    {
        var arguments = call.Parsed;
        var passwordFile = arguments.GetValue(symbols.PasswordFile);
        using var api = symbols.Keeper.Open(call, out var path, out var tenant);
        var body = new
        {
            user = arguments.GetValue(symbols.User),
            role = arguments.GetValue(symbols.Role),
            addresses = arguments.GetValue(symbols.Addresses) ?? [],
            password = passwordFile is null ? null : SecretInput.FromFile(passwordFile, call.Around),
        };
        var made = await api.PostAsync<MadeUser>($"{path}/users", body, cancel);
        Show(call, made, tenant);
        return ExitCode.Ok;
    }

    private static void Show(Invocation call, Answer<MadeUser> made, string tenant)
    {
        if (call.Json)
        {
            call.Say(made.Json);
            return;
        }
        call.Say($"User {made.Value.User} of {tenant}, {made.Value.Role}.");
        if (made.Value.Password is { } password)
        {
            call.Say($"  password {password}");
            call.Note("The password is shown this once, and must be changed at the first sign-in.");
        }
        call.Note($"Next: ama login --tenant {tenant} --user {made.Value.User}");
    }
}
