using System.CommandLine;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama part …": the end of retention parts.</summary>
internal static class PartGroup
{
    private const string Path = "/v1/part-ends";

    public static Command Define(VerbRunner run) => new(
        "part", "The end of a retention part: all mail of a month is erased, but for what is held.")
    {
        End(run),
        OrderText.Approve(run, Path, "Approve it (as a tenant-admin who didn't order it).", "ama part list"),
        OrderText.List(run, Path, "Orders to end parts, newest first."),
    };

    private static Command End(VerbRunner run)
    {
        var month = JobGroup.MonthOption("--month", "The month in which the mail came in, such as 2026-03; it must be over.");
        month.Required = true;
        return run.Set(new Command("end", "Order a part to be ended (as an auditor).") { month }, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var body = new { epoch = call.Parsed.GetRequiredValue(month) };
            OrderText.Say(call, await api.PostAsync<Order>(Path, body, cancel));
            return ExitCode.Ok;
        });
    }
}
