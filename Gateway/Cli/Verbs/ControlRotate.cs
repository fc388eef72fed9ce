using System.CommandLine;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama control rotate": a new key, now instead of after its time.</summary>
internal static class ControlRotate
{
    public static Command Define(VerbRunner run, ControlGroup control)
    {
        var kind = new Argument<string>("KIND")
        {
            Description = "rkek (the region's root key), skek (queue and partition keys), csk (Control's signing key), "
                + "ca (the region's CA) or tenant.",
        };
        kind.AcceptOnlyFromAmong("rkek", "skek", "csk", "ca", "tenant");
        var tenant = new Argument<Guid?>("TENANT")
        {
            Description = "The tenant's id, for tenant.", Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command(
            "rotate", "Make a new key. No data is touched, leases go on; run it again if it broke off.")
        {
            kind, tenant,
        };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = control.AsOperator(call);
            var body = new { kind = call.Parsed.GetValue(kind), tenant = call.Parsed.GetValue(tenant) };
            var answer = await OperationBar.ShowAsync(
                call, "Rotating", line => api.RunAsync<RotationEnd>("/v1/rotate", body, line, cancel));
            call.Say(call.Json ? answer.Json : Text(call.Parsed.GetValue(kind), answer.Value));
            return answer.Value.Failed == 0 ? ExitCode.Ok : ExitCode.TryAgain;
        });
    }

    private static string Text(string? kind, RotationEnd end) => end.Failed > 0
        ? $"{end.Failed} tenants' keys could not be wrapped anew: ama control status. Control tries again every hour."
        : kind is "csk" or "ca"
            ? "Done: the new one is published, and used in 7 days; the one before counts for 90 days."
            : "Done: everything is wrapped under the new key.";

    private sealed record RotationEnd(int Done, int Failed);
}
