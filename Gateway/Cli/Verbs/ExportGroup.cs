using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama export …": requests to hand out records. Two officers approve before anything is.</summary>
internal static class ExportGroup
{
    public static Command Define(VerbRunner run) => new("export", "Requests to hand out records of your tenant.")
    {
        Open(run), List(run), Approve(run),
    };

    private static Command Open(VerbRunner run)
    {
        var parts = new Option<string>("--parts")
        {
            Description = "File with the records, as JSON: [{\"epoch\": …, \"generation\": 0, \"leaves\": […]}].",
            HelpName = "FILE", Required = true,
        };
        var basis = new Option<string>("--legal-basis")
        {
            Description = "The document that the request rests on. Only its SHA-256 is sent.",
            HelpName = "FILE", Required = true,
        };
        var hours = JobGroup.HoursOption("It ends after so many hours");
        var command = new Command("open", "Ask for records to be handed out (as an auditor).") { parts, basis, hours };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var opened = await api.PostAsync<Export>("/v1/exports", new
            {
                parts = await PartsAsync(call.Parsed.GetRequiredValue(parts), cancel),
                legalBasisSha256 = await HashAsync(call.Parsed.GetRequiredValue(basis), cancel),
                endsAt = JobGroup.EndsAt(call, hours),
            }, cancel);
            call.Say(call.Json ? opened.Json : Text(opened.Value));
            return ExitCode.Ok;
        });
    }

    private static Command List(VerbRunner run) =>
        run.Set(new Command("list", "The tenant's export requests, newest first."), async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var exports = await api.GetAsync<Exports>("/v1/exports", cancel);
            if (call.Json) call.Say(exports.Json);
            else foreach (var export in exports.Value.Items) call.Say(Text(export));
            if (exports.Value.Items.Length == 0) call.Note("There are no export requests.");
            return ExitCode.Ok;
        });

    private static Command Approve(VerbRunner run)
    {
        var id = new Argument<string>("ID") { Description = "As 'ama export list' shows it." };
        var command = new Command("approve", "Approve a request (as an officer of the tenant, or of the provider).") { id };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var path = $"/v1/exports/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(id))}/approval";
            var approved = await api.PostAsync<Export>(path, new { }, cancel);
            call.Say(call.Json ? approved.Json : Text(approved.Value));
            return ExitCode.Ok;
        });
    }

    private static string Text(Export export) =>
        $"{export.Id}  {export.Records} records  until {export.EndsAt.UtcDateTime:yyyy-MM-dd HH:mm}Z  "
        + $"by {Printable.Of(export.OpenedBy)}  basis {export.LegalBasisSha256}  "
        + (export.Approved ? "approved" : "not approved")
        + (export.ApprovedBy.Length > 0 ? $" (by {Printable.Of(string.Join(", ", export.ApprovedBy))})" : "");

    private static async Task<JsonElement> PartsAsync(string path, CancellationToken cancel)
    {
        try
        {
            await using var file = File.OpenRead(path);
            using var json = await JsonDocument.ParseAsync(file, cancellationToken: cancel);
            return json.RootElement.Clone();
        }
        catch (JsonException unreadable)
        {
            throw new CliException(ExitCode.Usage, $"{path} is not JSON.",
                "It is a list: [{\"epoch\": 25512, \"generation\": 0, \"leaves\": [3, 5]}].", unreadable);
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancel)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
    }
}
