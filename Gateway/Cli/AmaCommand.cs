using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using AMA.Gateway.Cli.Output;
using AMA.Gateway.Cli.Verbs;

namespace AMA.Gateway.Cli;

/// <summary>The command <c>ama</c>: its verbs, its exit codes, and what happens to errors.</summary>
internal static class AmaCommand
{
    private const string Description = """
        AMA: archives e-mail and finds it again.

        Exit codes:
          0  done
          1  something was not delivered, not found or not done
          2  wrong usage or configuration
          3  not signed in, or not allowed
          4  server away or archive locked: try again
        """;

    public static async Task<int> RunAsync(string[] arguments, Surroundings around, CancellationToken cancel = default)
    {
        var options = new GlobalOptions();
        var parsed = Define(options, around).Parse(arguments, new()
        {
            // An argument that begins with '@' is part of an address here, never a file to read.
            ResponseFileTokenReplacer = null,
            // "-draft" is a query's word that must not be there, not the options d, r, a, f and t.
            EnablePosixBundling = false,
        });
        if (parsed.Action is ParseErrorAction) return (int)RefuseArguments(parsed, options, around);
        return await parsed.InvokeAsync(
            new() { Output = around.Out, Error = around.Error, EnableDefaultExceptionHandler = false }, cancel);
    }

    public static RootCommand Define(GlobalOptions options, Surroundings around)
    {
        var root = new RootCommand(Description);
        options.AddTo(root);
        var run = new VerbRunner(options, around);
        root.Add(new Command("tenant", "Tenants.")
        {
            TenantCreate.Define(run), TenantSecondFactor.Define(run), TenantChange.Suspend(run),
            TenantChange.Resume(run), TenantChange.Limit(run),
        });
        root.Add(SourceGroup.Define(run));
        root.Add(UserGroup.Define(run));
        root.Add(Login.Define(run));
        root.Add(Logout.Define(run));
        root.Add(Passwd.Define(run));
        root.Add(TotpGroup.Define(run));
        root.Add(SessionGroup.Define(run));
        root.Add(Send.Define(run));
        root.Add(Search.Define(run));
        root.Add(Get.Define(run));
        root.Add(Status.Define(run));
        root.Add(ReceiptVerb.Define(run));
        root.Add(ReconciliationGroup.Define(run));
        root.Add(Reconcile.Define(run));
        root.Add(Canary.Define(run));
        root.Add(Audit.Define(run));
        root.Add(JobGroup.Define(run));
        root.Add(HoldGroup.Define(run));
        root.Add(PartGroup.Define(run));
        root.Add(ExportGroup.Define(run));
        root.Add(ErasureGroup.Define(run));
        root.Add(LeasePolicyGroup.Define(run));
        root.Add(ControlGroup.Define(run));
        return root;
    }

    private static ExitCode RefuseArguments(ParseResult parsed, GlobalOptions options, Surroundings around)
    {
        var path = "ama";
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Parent: not null } verb; at = at.Parent)
            path = path.Insert("ama".Length, $" {verb.Command.Name}");
        var errors = string.Join(" ", parsed.Errors.Select(error => error.Message));
        return ErrorOutput.Write(around, parsed.GetValue(options.Json),
            new CliException(ExitCode.Usage, errors, $"'{path} --help' shows how."));
    }
}
