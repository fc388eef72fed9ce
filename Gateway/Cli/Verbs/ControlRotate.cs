using System.CommandLine;

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
            await api.PostTextAsync("/v1/rotate", body, cancel);
            call.Note(call.Parsed.GetValue(kind) is "csk" or "ca"
                ? "Done: the new one is published, and used in 7 days; the one before counts for 90 days."
                : "Done: everything is wrapped under the new key.");
            return ExitCode.Ok;
        });
    }
}
