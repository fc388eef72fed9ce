using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Identity;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

internal static class ControlStatus
{
    public static Command Define(VerbRunner run, ControlGroup control)
    {
        var command = new Command("status", "Control's health: stores, key roots, certificates, leases. Exit code 1 "
            + "when something needs an operator.");
        return run.Set(command, async (call, cancel) =>
        {
            // A Control in recovery mode may have lost the token with its stores, and asks for none.
            using var api = OperatorTokenFile.Exists(call.OperatorTokenPath) ? control.AsOperator(call) : control.Anonymous(call);
            var status = await api.GetAsync<ControlReport>("/v1/status", cancel);
            if (call.Json) call.Say(status.Json);
            else foreach (var line in status.Value.Lines) call.Say(Text(line));
            return status.Value.Good ? ExitCode.Ok : ExitCode.Failure;
        });
    }

    private static string Text(ControlLine line) =>
        $"{(line.Good ? " " : "!")} {Printable.Of(line.Name),-20} {Printable.Of(line.Value)}";
}
