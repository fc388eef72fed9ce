using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama session …": one's own sessions, wherever they were opened.</summary>
internal static class SessionGroup
{
    public static Command Define(VerbRunner run) => new("session", "Your sessions.") { List(run), End(run) };

    private static Command List(VerbRunner run) =>
        run.Set(new Command("list", "List your live sessions."), async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var open = await api.GetAsync<OpenSessions>("/v1/sessions", cancel);
            if (call.Json) call.Say(open.Json);
            else
                foreach (var session in open.Value.Items)
                    call.Say($"{session.Id}  {session.OpenedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z to "
                        + $"{session.EndsAt.UtcDateTime:HH:mm}Z  from {Printable.Of(session.From ?? "?")}"
                        + (session.Own ? "  (this one)" : ""));
            return ExitCode.Ok;
        });

    private static Command End(VerbRunner run)
    {
        var id = new Argument<string>("ID") { Description = "As 'ama session list' shows it." };
        return run.Set(new Command("end", "End one of your sessions, at once.") { id }, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var path = $"/v1/sessions/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(id))}";
            await api.DoAsync(HttpMethod.Delete, path, null, cancel);
            call.Say(call.Json ? CliJson.Of(new { ended = true }) : "Ended.");
            return ExitCode.Ok;
        });
    }
}
