using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama control audit": the region's whole audit log, for operators. It names nobody's mail.</summary>
internal static class ControlAudit
{
    public static Command Define(VerbRunner run, ControlGroup control)
    {
        var tenant = new Option<string?>("--tenant") { Description = "Only what concerns it.", HelpName = "ID" };
        var act = new Option<string?>("--act") { Description = "Only acts of this kind, such as lease-grant." };
        var since = Audit.SinceOption();
        var verify = new Option<bool>("--verify")
        {
            Description = "Read the whole log anew instead: chain, tree and signature. Exit code 1 when it does not hold.",
        };
        var command = new Command("audit", "Who got which key when: Control's audit log.")
        {
            tenant, act, since, verify,
        };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = control.AsOperator(call);
            if (call.Parsed.GetValue(verify)) return await VerifyAsync(call, api, cancel);
            string? cursor = null;
            do
            {
                var path = "/v1/audit" + Audit.QueryOf(
                    ("tenant", call.Parsed.GetValue(tenant)), ("act", call.Parsed.GetValue(act)),
                    ("since", call.Parsed.GetValue(since)), ("cursor", cursor));
                var page = await api.GetAsync<ControlAuditPage>(path, cancel);
                if (call.Json) call.Say(page.Json);
                else foreach (var item in page.Value.Items) call.Say(AuditText.Of(item.Entry.GetRawText()));
                cursor = page.Value.Next;
            }
            while (cursor is not null);
            return ExitCode.Ok;
        });
    }

    private static async Task<ExitCode> VerifyAsync(Invocation call, ArchiveApi api, CancellationToken cancel)
    {
        var verdict = await api.GetAsync<AuditVerdict>("/v1/audit/verify", cancel);
        if (call.Json) call.Say(verdict.Json);
        else foreach (var finding in verdict.Value.Findings) call.Say(Printable.Of(finding));
        return verdict.Value.Holds ? ExitCode.Ok : ExitCode.Failure;
    }
}
