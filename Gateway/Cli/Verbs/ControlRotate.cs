using System.CommandLine;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama control rotate": a new wrapping key, now instead of after its year.</summary>
internal static class ControlRotate
{
    public static Command Define(VerbRunner run, ControlGroup control)
    {
        var kind = new Argument<string>("KIND")
        {
            Description = "rkek (the region's root key), skek (queue keys) or tenant.",
        };
        kind.AcceptOnlyFromAmong("rkek", "skek", "tenant");
        var tenant = new Argument<Guid?>("TENANT")
        {
            Description = "The tenant's id, for tenant.", Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command(
            "rotate", "Wrap keys under a new one. No data is touched, leases go on; run it again if it broke off.")
        {
            kind, tenant,
        };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = control.AsOperator(call);
            var body = new { kind = call.Parsed.GetValue(kind), tenant = call.Parsed.GetValue(tenant) };
            await api.PostTextAsync("/v1/rotate", body, cancel);
            call.Note("Done: everything is wrapped under the new key.");
            return ExitCode.Ok;
        });
    }
}
