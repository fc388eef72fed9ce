using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama erasure …": orders to erase single records before their time. Two persons; it can't be undone.</summary>
internal static class ErasureGroup
{
    public static Command Define(VerbRunner run) =>
        new("erasure", "Orders to erase records of your tenant before their time.")
        {
            Open(run), List(run), Approve(run),
        };

    private static Command Open(VerbRunner run)
    {
        var records = new Argument<string[]>("RECORD")
        {
            Description = "Ids as 'ama search' shows them.", Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command(
            "open", "Order records to be erased (as an auditor). Nothing is erased before a tenant-admin approves.")
        {
            records,
        };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var body = new { records = call.Parsed.GetRequiredValue(records) };
            var opened = await api.PostAsync<Erasure>("/v1/erasures", body, cancel);
            call.Say(call.Json ? opened.Json : Text(opened.Value));
            return ExitCode.Ok;
        });
    }

    private static Command List(VerbRunner run) =>
        run.Set(new Command("list", "The tenant's orders to erase, newest first."), async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var orders = await api.GetAsync<Erasures>("/v1/erasures", cancel);
            if (call.Json) call.Say(orders.Json);
            else foreach (var order in orders.Value.Items) call.Say(Text(order));
            if (orders.Value.Items.Length == 0) call.Note("There are no orders to erase.");
            return ExitCode.Ok;
        });

    private static Command Approve(VerbRunner run)
    {
        var id = new Argument<string>("ID") { Description = "As 'ama erasure list' shows it." };
        var command = new Command(
            "approve", "Approve an order (as a tenant-admin who did not open it). It can't be undone.") { id };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var path = $"/v1/erasures/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(id))}/approval";
            var approved = await api.PostAsync<Erasure>(path, new { }, cancel);
            call.Say(call.Json ? approved.Json : Text(approved.Value));
            return ExitCode.Ok;
        });
    }

    private static string Text(Erasure order) =>
        $"{order.Id}  {order.Records.Length} {(order.Records.Length == 1 ? "record" : "records")}  "
        + $"by {Printable.Of(order.OpenedBy)}  {State(order)}";

    private static string State(Erasure order) => order switch
    {
        { Refusal: { } refusal } => $"not carried out: {Printable.Of(refusal)}",
        { ApprovedBy: null } => "not approved",
        { UnreadableAt: null } => $"approved by {Printable.Of(order.ApprovedBy)}, being carried out",
        { FinalAt: { } final } => $"unreadable since {Day(order.UnreadableAt.Value)}, final everywhere on {Day(final)}",
        _ => $"unreadable since {Day(order.UnreadableAt.Value)}",
    };

    private static string Day(DateTimeOffset at) => $"{at.UtcDateTime:yyyy-MM-dd HH:mm}Z";
}
