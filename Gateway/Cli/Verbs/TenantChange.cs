using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama tenant suspend|resume|limit": what an operator changes of a tenant.</summary>
internal static class TenantChange
{
    public static Command Suspend(VerbRunner run) => Changing(
        run, "suspend", "Put a tenant's mail off until it is resumed; its sender keeps it.", new { suspended = true });

    public static Command Resume(VerbRunner run) =>
        Changing(run, "resume", "Take a suspended tenant's mail again.", new { suspended = false });

    public static Command Limit(VerbRunner run)
    {
        var name = Name();
        var bytes = new Option<long?>("--message-bytes")
        {
            Description = "The largest message, at least 65536 bytes; 0 for the gateway's own limit.", HelpName = "N",
        };
        var messages = new Option<int?>("--messages-per-minute")
        {
            Description = "Messages in a minute at each SMTP gateway; 0 for no limit.", HelpName = "N",
        };
        var command = new Command("limit", "Limit a tenant's messages.") { name, bytes, messages };
        return run.Set(command, (call, cancel) =>
        {
            var body = new
            {
                messageBytesMax = call.Parsed.GetValue(bytes), messagesPerMinuteMax = call.Parsed.GetValue(messages),
            };
            if (body is { messageBytesMax: null, messagesPerMinuteMax: null })
                throw new CliException(ExitCode.Usage, "Which limit?", "'ama tenant limit --help' shows them.");
            return ChangeAsync(call, call.Parsed.GetRequiredValue(name), body, cancel);
        });
    }

    private static Argument<string> Name() => new("NAME") { Description = "The tenant's name." };

    private static Command Changing(VerbRunner run, string verb, string does, object change)
    {
        var name = Name();
        return run.Set(new Command(verb, does) { name },
            (call, cancel) => ChangeAsync(call, call.Parsed.GetRequiredValue(name), change, cancel));
    }

    private static async Task<ExitCode> ChangeAsync(
        Invocation call, string name, object change, CancellationToken cancel)
    {
        using var api = call.AsOperator();
        var changed = await api.PatchAsync<Tenant>($"/v1/tenants/{Uri.EscapeDataString(name)}", change, cancel);
        call.Say(call.Json ? changed.Json : Printable.Of(Line(changed.Value)));
        return ExitCode.Ok;
    }

    private static string Line(Tenant tenant) => string.Join(", ", new[]
    {
        $"Tenant {tenant.Name}: {(tenant.Suspended ? "suspended" : "takes mail")}",
        tenant.MessageBytesMax is { } bytes ? $"messages of at most {bytes} bytes" : null,
        tenant.MessagesPerMinuteMax is { } most ? $"at most {most} messages in a minute" : null,
    }.OfType<string>()) + ".";
}
