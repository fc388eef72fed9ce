using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama control root …": where the topmost keys live (docs/control.md, "Another key root").</summary>
internal static class ControlRoot
{
    public static Command Define(VerbRunner run, ControlGroup control) => new(
        "root", "The key roots of Control's two stores.")
    {
        Migrate(run, control),
        Rotate(run, control),
    };

    private static Command Migrate(VerbRunner run, ControlGroup control)
    {
        var store = StoreOption();
        var to = new Option<string>("--to")
        {
            Description = "software, pkcs11 or keyvault; its settings must stand in Control's configuration.",
            HelpName = "KIND", Required = true,
        };
        to.AcceptOnlyFromAmong("software", "pkcs11", "keyvault");
        var finish = new Option<bool>("--finish")
        {
            Description = "Destroy the old root, once Control runs with the new one.",
        };
        var command = new Command(
            "migrate", "Move a store's keys to another kind of key root. May be broken off and run again.")
        {
            store, to, finish,
        };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = control.AsOperator(call);
            var body = new
            {
                store = call.Parsed.GetValue(store), to = call.Parsed.GetValue(to), finish = call.Parsed.GetValue(finish),
            };
            var answer = await OperationBar.ShowAsync(
                call, "Moving keys", line => api.RunAsync<RootMove>("/v1/roots/migrate", body, line, cancel));
            Say(call, answer, move => move.FinalAt is { } at
                ? $"{move.Next} What was destroyed is gone for good on {at:yyyy-MM-dd}." : move.Next);
            return ExitCode.Ok;
        });
    }

    private static Command Rotate(VerbRunner run, ControlGroup control)
    {
        var store = StoreOption();
        var command = new Command(
            "rotate", "A new key in a store's key root for the region's root key; the old one is destroyed.") { store };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = control.AsOperator(call);
            var answer = await OperationBar.ShowAsync(call, "Rotating", line => api.RunAsync<RootKeyLine>(
                "/v1/roots/rotate", new { store = call.Parsed.GetValue(store) }, line, cancel));
            Say(call, answer, key => $"{key.Name} has version {key.Version} now.");
            return ExitCode.Ok;
        });
    }

    private static Option<string> StoreOption()
    {
        var store = new Option<string>("--store") { Description = "a or b.", HelpName = "STORE", Required = true };
        store.AcceptOnlyFromAmong("a", "b");
        return store;
    }

    private static void Say<T>(Invocation call, Answer<T> answer, Func<T, string> text) =>
        call.Say(call.Json ? answer.Json : Printable.Of(text(answer.Value)));
}
