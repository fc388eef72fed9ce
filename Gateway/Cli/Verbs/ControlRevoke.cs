using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama control revoke | lift | revocations": takes back what was leased, before its time is over.</summary>
internal static class ControlRevoke
{
    public static IEnumerable<Command> Define(VerbRunner run, ControlGroup control) =>
    [
        Change(run, control, "revoke", "/v1/revocations",
            "End leases now. With --hold nothing new is given either, until it is lifted (of a silo: quarantine)."),
        Change(run, control, "lift", "/v1/revocations/lift", "Take a hold off again: new leases are given."),
        List(run, control),
    ];

    private static Command Change(VerbRunner run, ControlGroup control, string verb, string path, string about)
    {
        var kind = new Argument<string>("KIND") { Description = "tenant, silo, region, session or lease." };
        kind.AcceptOnlyFromAmong("tenant", "silo", "region", "session", "lease");
        var subject = new Argument<string?>("WHICH")
        {
            Description = "The silo's name, or the id of the tenant, session or lease; nothing for the region.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var hold = new Option<bool>("--hold") { Description = "Nothing new either, until it is lifted." };
        var command = new Command(verb, about) { kind, subject };
        if (verb == "revoke") command.Add(hold);
        return run.Set(command, async (call, cancel) =>
        {
            using var api = control.AsOperator(call);
            var (name, which) = (call.Parsed.GetValue(kind)!, call.Parsed.GetValue(subject));
            var body = new
            {
                kind = name, subject = name == "silo" ? null : which, silo = name == "silo" ? which : null,
                held = verb == "revoke" && call.Parsed.GetValue(hold),
            };
            Show(call, await api.PostAsync<RevocationList>(path, body, cancel));
            return ExitCode.Ok;
        });
    }

    private static Command List(VerbRunner run, ControlGroup control) => run.Set(
        new Command("revocations", "What was revoked and still matters."), async (call, cancel) =>
        {
            using var api = control.AsOperator(call);
            Show(call, await api.GetAsync<RevocationList>("/v1/revocations", cancel));
            return ExitCode.Ok;
        });

    private static void Show(Invocation call, Answer<RevocationList> answer)
    {
        if (call.Json)
        {
            call.Say(answer.Json);
            return;
        }
        foreach (var one in answer.Value.Revocations)
            call.Say($"{one.At:u}  {one.Kind,-8} {Printable.Of(one.Silo ?? one.Subject?.ToString("N") ?? ""),-34}"
                + (one.Held ? " held" : ""));
    }
}
