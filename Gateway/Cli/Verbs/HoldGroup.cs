using System.CommandLine;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama hold …": legal holds. To keep something needs one person, to let it go two.</summary>
internal static class HoldGroup
{
    private const string Path = "/v1/holds";

    public static Command Define(VerbRunner run) => new(
        "hold", "Legal holds: what is held is not erased, and outlives its retention part.")
    {
        Order(run, "place", Path, "Hold messages (as an auditor)."),
        Order(run, "release", $"{Path}/release", "Order that messages are held no more (as an auditor)."),
        OrderText.Approve(
            run, Path, "Approve a release (as a tenant-admin who didn't order it).", "ama hold list"),
        OrderText.List(run, Path, "Orders to hold and to release, newest first."),
    };

    private static Command Order(VerbRunner run, string verb, string path, string description)
    {
        var ids = new Argument<string[]>("ID")
        {
            Description = "Messages' ids, from 'ama search'.", Arity = ArgumentArity.OneOrMore,
        };
        return run.Set(new Command(verb, description) { ids }, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var body = new { records = call.Parsed.GetRequiredValue(ids) };
            OrderText.Say(call, await api.PostAsync<Order>(path, body, cancel));
            return ExitCode.Ok;
        });
    }
}
