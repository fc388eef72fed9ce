using System.CommandLine;
using System.Globalization;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama source …": who may send a tenant's mail.</summary>
internal static class SourceGroup
{
    public static Command Define(VerbRunner run)
    {
        var keeper = new KeeperOptions();
        var group = new Command("source", "Who may send a tenant's mail (as its tenant-admin, or with the operator token).")
        {
            List(run, keeper), Add(run, keeper), Remove(run, keeper), Expect(run, keeper),
        };
        keeper.AddTo(group);
        return group;
    }

    private static Command List(VerbRunner run, KeeperOptions keeper) =>
        run.Set(new Command("list", "List the sources."), async (call, cancel) =>
        {
            using var api = keeper.Open(call, out var path, out _);
            var sources = await api.GetAsync<MailSources>($"{path}/sources", cancel);
            if (call.Json) call.Say(sources.Json);
            else
                foreach (var source in sources.Value.Items) call.Say(SourceText.Of(source));
            return ExitCode.Ok;
        });

    private static Command Add(VerbRunner run, KeeperOptions keeper)
    {
        var kind = new Argument<string>("KIND")
        {
            Description = "auth (a user and a password are made), network, or certificate.",
        };
        kind.AcceptOnlyFromAmong("auth", "network", "certificate");
        var match = new Argument<string?>("WHAT")
        {
            Description = "Of a network: 192.0.2.0/24 or one address. Of a certificate: its SHA-256 in hex.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return run.Set(new Command("add", "Add a source.") { kind, match }, async (call, cancel) =>
        {
            using var api = keeper.Open(call, out var path, out _);
            var added = await api.PostAsync<MadeSource>(
                $"{path}/sources", Body(call.Parsed.GetRequiredValue(kind), call.Parsed.GetValue(match)), cancel);
            if (call.Json) call.Say(added.Json);
            else SourceText.Show(call, added.Value);
            return ExitCode.Ok;
        });
    }

    private static Command Remove(VerbRunner run, KeeperOptions keeper)
    {
        var id = new Argument<string>("ID") { Description = "The source's id, as 'ama source list' shows it." };
        return run.Set(new Command("remove", "Remove a source; its mail is refused from now on.") { id },
            async (call, cancel) =>
            {
                using var api = keeper.Open(call, out var path, out _);
                var source = Uri.EscapeDataString(call.Parsed.GetRequiredValue(id));
                await api.DoAsync(HttpMethod.Delete, $"{path}/sources/{source}", null, cancel);
                call.Say(call.Json ? CliJson.Of(new { removed = true }) : "Removed.");
                return ExitCode.Ok;
            });
    }

    private static Command Expect(VerbRunner run, KeeperOptions keeper)
    {
        var id = new Argument<string>("ID") { Description = "The source's id, as 'ama source list' shows it." };
        var interval = new Argument<string>("INTERVAL")
        {
            Description = "Nothing for longer is an alarm: 30m, 2h, 3d (5 minutes to 31 days), or off.",
        };
        return run.Set(new Command("expect", "Say how often something is expected from a source.") { id, interval },
            async (call, cancel) =>
            {
                if (!Interval.TryRead(call.Parsed.GetRequiredValue(interval), out var expectedSeconds))
                    throw new CliException(
                        ExitCode.Usage, "INTERVAL is a number with m, h or d behind it, or off.", "For instance 2h.");
                using var api = keeper.Open(call, out var path, out _);
                var source = Uri.EscapeDataString(call.Parsed.GetRequiredValue(id));
                var changed = await api.PatchAsync<MadeSource>(
                    $"{path}/sources/{source}", new { expectedSeconds }, cancel);
                call.Say(call.Json ? changed.Json : SourceText.Of(changed.Value));
                return ExitCode.Ok;
            });
    }

    private static object Body(string kind, string? match)
    {
        if (kind == "auth" ? match is not null : match is null)
            throw new CliException(ExitCode.Usage, kind == "auth"
                ? "A source of kind auth takes no more: user and password are made."
                : $"Which {kind}?", "'ama source add --help' shows how.");
        return kind switch
        {
            "network" => new { kind, cidr = match },
            "certificate" => new { kind, sha256 = match },
            _ => new { kind },
        };
    }
}

internal static class SourceText
{
    /// <summary>One line: id, kind, what it is known by, what came from it.</summary>
    public static string Of(MadeSource source) =>
        Printable.Of($"{source.Id}  {source.Kind}  {source.User ?? source.Cidr ?? source.Sha256}"
            + (source.Counts is { } counts ? $"  {Of(counts)}" : "")
            + (source.ExpectedSeconds is { } seconds ? $"  expected every {Interval.Text(seconds)}" : "")
            + (source.Counts?.SilentSince is { } since ? $"  SILENT since {Time(since)}" : ""));

    private static string Of(SourceCounts counts) => string.Create(
        CultureInfo.InvariantCulture, $"{counts.Accepted:N0} accepted, {counts.Archived:N0} archived, ")
        + string.Create(CultureInfo.InvariantCulture, $"{counts.Duplicates:N0} duplicates, {counts.Bytes:N0} bytes, ")
        + (counts.LastSeen is { } at ? $"last seen {Time(at)}" : "never seen");

    private static string Time(DateTimeOffset at) => $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z";

    /// <summary>With the password, if it was made just now.</summary>
    public static void Show(Invocation call, MadeSource source)
    {
        call.Say(Of(source));
        if (source.Password is not { } password) return;
        call.Say($"  user     {Printable.Of(source.User ?? "")}");
        call.Say($"  password {Printable.Of(password)}");
        call.Note("The password is shown this once. Your mail server signs in with it (SMTP AUTH).");
    }
}
