using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>Lets a new process of the region in, and shuts one out.</summary>
internal static class ControlEnroll
{
    private const int MinutesDefault = 10;
    private const int MinutesMax = 24 * 60;

    public static Command Define(VerbRunner run, ControlGroup control)
    {
        var (role, name) = (Role(), Name());
        var minutes = WholeNumber.Option(
            "--minutes", $"How long the token is good, {MinutesDefault} when left out.", 1, MinutesMax);
        var command = new Command("enroll", "Make a one-time token for a new process of the region.")
        {
            role, name, minutes,
        };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = control.AsOperator(call);
            var order = new
            {
                role = call.Parsed.GetValue(role), name = call.Parsed.GetValue(name),
                minutes = call.Parsed.GetValue(minutes) ?? MinutesDefault,
            };
            var ticket = await api.PostAsync<Ticket>("/v1/peers/enrolment", order, cancel);
            if (call.Json) call.Say(ticket.Json);
            else Show(call, order.role!, order.name!, order.minutes, ticket.Value);
            return ExitCode.Ok;
        });
    }

    public static Command DefineExpel(VerbRunner run, ControlGroup control)
    {
        var (role, name) = (Role(), Name());
        var command = new Command("expel", "Shut a process out: its certificates are worth nothing from now on.")
        {
            role, name,
        };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = control.AsOperator(call);
            var order = new { role = call.Parsed.GetValue(role), name = call.Parsed.GetValue(name) };
            var done = await api.PostAsync<Ticket>("/v1/peers/revocation", order, cancel);
            call.Say(call.Json ? done.Json : $"{order.role} {order.name} is shut out; a new token lets it in again.");
            return ExitCode.Ok;
        });
    }

    private static void Show(Invocation call, string role, string name, int minutes, Ticket ticket)
    {
        call.Note($"Good for {minutes} min, for one {role}. On its machine, once:");
        call.Say($"AMA__Identity__EnrolmentToken={Printable.Of(ticket.Token!)} \\");
        call.Say($"  dotnet run -c Release --project {ProjectOf(role)} -- --AMA:Region={Printable.Of(ticket.Region!)} "
            + $"--AMA:Identity:Name={name} --AMA:Identity:EnrolmentEndpoint={Printable.Of(ticket.Endpoint!)}");
    }

    private static string ProjectOf(string role) => role switch
    {
        "gateway" => "Gateway/Smtp",
        "web" => "Gateway/Web",
        "control" => "Silo/Control",
        _ => "Silo/Archive",
    };

    private static Option<string> Role()
    {
        var option = new Option<string>("--role") { Description = "backend, gateway, web or control.", Required = true };
        option.AcceptOnlyFromAmong("backend", "gateway", "web", "control");
        return option;
    }

    private static Option<string> Name() => new("--name")
    {
        Description = "The process's own name in its certificate: a-z, 0-9 and -.", Required = true, HelpName = "NAME",
    };
}

internal sealed record Ticket(string? Token, string? Endpoint, string? Region);
