using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>Verbs and lines of orders about what is kept and what is not.</summary>
internal static class OrderText
{
    /// <summary>A verb that shows all orders of a path.</summary>
    public static Command List(VerbRunner run, string path, string description) =>
        run.Set(new Command("list", description), async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var orders = await api.GetAsync<Orders>(path, cancel);
            if (call.Json) call.Say(orders.Json);
            else foreach (var order in orders.Value.Items) call.Say(Line(order));
            if (orders.Value.Items.Length == 0) call.Note("There are no orders.");
            return ExitCode.Ok;
        });

    /// <summary>A verb by which a second person approves.</summary>
    public static Command Approve(VerbRunner run, string path, string description, string list)
    {
        var id = new Argument<string>("ID") { Description = $"As '{list}' shows it." };
        return run.Set(new Command("approve", description) { id }, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var order = Uri.EscapeDataString(call.Parsed.GetRequiredValue(id));
            var approved = await api.PostAsync<Order>($"{path}/{order}/approval", new { }, cancel);
            Say(call, approved);
            return ExitCode.Ok;
        });
    }

    public static void Say(Invocation call, Answer<Order> order) =>
        call.Say(call.Json ? order.Json : Line(order.Value));

    public static string Line(Order order) =>
        $"{order.Id}  {order.Kind}  {What(order)}  {order.OpenedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z "
        + $"by {Printable.Of(order.OpenedBy)}  {State(order)}"
        + (order.ApprovedBy is { } second ? $" (approved by {Printable.Of(second)})" : "");

    private static string What(Order order) => order.Kind == "part-end"
        ? $"mail of {JobGroup.Month(order.Epoch)}"
        : $"{order.Records.Length} records";

    private static string State(Order order) => order switch
    {
        { Refusal: { } why } => $"refused: {Printable.Of(why)}",
        { UnreadableAt: { } at } => $"done {at.UtcDateTime:yyyy-MM-dd HH:mm}Z",
        { ApprovedBy: null, Kind: not "hold" } => "not approved",
        _ => "under way",
    };
}
