using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama user …": a tenant's users, kept by its tenant-admins, at first by the operator.</summary>
internal static class UserGroup
{
    public static Command Define(VerbRunner run)
    {
        var keeper = new KeeperOptions();
        var group = new Command("user", "Users of a tenant (as its tenant-admin, or with the operator token).")
        {
            UserCreate.Define(run, keeper), List(run, keeper),
            Changing(run, keeper, "disable", "Let a user sign in no more; sessions end at once.", new { disabled = true }),
            Changing(run, keeper, "enable", "Let a disabled user sign in again.", new { disabled = false }),
            Role(run, keeper), Approve(run, keeper), Remove(run, keeper), Reset(run, keeper),
        };
        keeper.AddTo(group);
        return group;
    }

    private static Argument<string> User() => new("USER") { Description = "The user's name." };

    private static string PathOf(string tenant, Invocation call, Argument<string> user) =>
        $"{tenant}/users/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(user))}";

    private static Command List(VerbRunner run, KeeperOptions keeper) =>
        run.Set(new Command("list", "List the users."), async (call, cancel) =>
        {
            using var api = keeper.Open(call, out var path, out _);
            var users = await api.GetAsync<Users>($"{path}/users", cancel);
            if (call.Json) call.Say(users.Json);
            else
                foreach (var user in users.Value.Items) call.Say(UserText.Of(user));
            return ExitCode.Ok;
        });

    private static Command Changing(VerbRunner run, KeeperOptions keeper, string verb, string does, object change)
    {
        var user = User();
        return run.Set(new Command(verb, does) { user }, async (call, cancel) =>
        {
            using var api = keeper.Open(call, out var path, out _);
            Show(call, await api.PatchAsync<MadeUser>(PathOf(path, call, user), change, cancel));
            return ExitCode.Ok;
        });
    }

    private static Command Role(VerbRunner run, KeeperOptions keeper)
    {
        var user = User();
        var role = new Argument<string>("ROLE")
        {
            Description = "user, auditor, tenant-admin; or security-officer-tenant, which a second person approves.",
        };
        return run.Set(new Command("role", "Give a user another role; sessions end at once.") { user, role },
            async (call, cancel) =>
            {
                using var api = keeper.Open(call, out var path, out _);
                Show(call, await api.PatchAsync<MadeUser>(
                    PathOf(path, call, user), new { role = call.Parsed.GetRequiredValue(role) }, cancel));
                return ExitCode.Ok;
            });
    }

    private static Command Approve(VerbRunner run, KeeperOptions keeper)
    {
        var user = User();
        return run.Set(new Command("approve", "Approve the role another person proposed for a user.") { user },
            async (call, cancel) =>
            {
                using var api = keeper.Open(call, out var path, out _);
                Show(call, await api.PostAsync<MadeUser>($"{PathOf(path, call, user)}/approval", new { }, cancel));
                return ExitCode.Ok;
            });
    }

    private static Command Remove(VerbRunner run, KeeperOptions keeper)
    {
        var user = User();
        return run.Set(new Command("remove", "Remove a user; sessions end at once.") { user }, async (call, cancel) =>
        {
            using var api = keeper.Open(call, out var path, out _);
            await api.DoAsync(HttpMethod.Delete, PathOf(path, call, user), null, cancel);
            call.Say(call.Json ? CliJson.Of(new { removed = true }) : "Removed.");
            return ExitCode.Ok;
        });
    }

    private static Command Reset(VerbRunner run, KeeperOptions keeper)
    {
        var user = User();
        return run.Set(
            new Command("reset-password", "Make a one-time password and remove the second factor.") { user },
            async (call, cancel) =>
            {
                using var api = keeper.Open(call, out var path, out _);
                Show(call, await api.PostAsync<MadeUser>($"{PathOf(path, call, user)}/password", new { }, cancel));
                return ExitCode.Ok;
            });
    }

    private static void Show(Invocation call, Answer<MadeUser> user)
    {
        if (call.Json)
        {
            call.Say(user.Json);
            return;
        }
        call.Say(UserText.Of(user.Value));
        if (user.Value.Password is not { } password) return;
        call.Say($"  password {Printable.Of(password)}");
        call.Note("The password is shown this once, and must be changed at the first sign-in.");
    }
}

internal static class UserText
{
    /// <summary>One line: name, role, what is special.</summary>
    public static string Of(MadeUser user)
    {
        var remarks = new List<string>();
        if (user.Disabled) remarks.Add("disabled");
        if (user.MustChangePassword) remarks.Add("one-time password");
        if (user.SecondFactor) remarks.Add("second factor");
        if (user.ProposedRole is { } role) remarks.Add($"{role} proposed by {user.ProposedBy}");
        return Printable.Of($"{user.User}  {user.Role}" + (remarks.Count == 0 ? "" : $"  ({string.Join(", ", remarks)})"));
    }
}
