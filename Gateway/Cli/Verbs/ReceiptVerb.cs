using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Identity;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama receipt": what became of an acceptance.</summary>
internal static class ReceiptVerb
{
    public static Command Define(VerbRunner run)
    {
        var receipt = new Argument<string>("RECEIPT") { Description = "What the 250 said: 32 characters." };
        var command = new Command("receipt",
            "What became of a delivery, by the receipt in its 250 (auditor, tenant-admin; an operator hears the state).")
        {
            receipt,
        };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = Api(call);
            var path = $"/v1/receipts/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(receipt))}";
            var known = await api.GetAsync<Receipt>(path, cancel);
            call.Say(call.Json ? known.Json : ReceiptText.Of(known.Value));
            return known.Value.State is "quarantined" or "erased" ? ExitCode.Failure : ExitCode.Ok;
        });
    }

    /// <summary>Whoever is signed in asks for their tenant; an operator, who seldom is, for the region.</summary>
    private static ArchiveApi Api(Invocation call)
    {
        if (call.TryAsPerson() is { } person) return person;
        return OperatorTokenFile.Exists(call.OperatorTokenPath) ? call.AsOperator() : call.AsPerson();
    }
}

internal static class ReceiptText
{
    public static string Of(Receipt receipt)
    {
        var lines = new List<string> { $"{Printable.Of(receipt.State)}{More(receipt)}" };
        if (receipt.AcceptedAt is { } accepted) lines.Add($"  accepted {accepted:yyyy-MM-dd HH:mm:ss.fff}Z");
        if (receipt.ArchivedAt is { } archived) lines.Add($"  archived {archived:yyyy-MM-dd HH:mm:ss.fff}Z");
        if (receipt.Source is { } source) lines.Add($"  source   {Printable.Of(source)}");
        return string.Join('\n', lines);
    }

    private static string More(Receipt receipt) => receipt switch
    {
        { WaitsFor: "lease" } => ": durable in the queue; the archive is locked, and goes on when it has its keys again",
        { State: "accepted" } => ": durable in the queue, waiting for its turn",
        { Reason: { } reason } => $": {Printable.Of(reason)}",
        { State: "erased", Record: { } record } => $": it was record {Printable.Of(record)}",
        { Duplicate: true, Record: { } record } => $" as {Printable.Of(record)}, which had the same bytes already",
        { Record: { } record } => $" as {Printable.Of(record)}",
        _ => "",
    };
}
