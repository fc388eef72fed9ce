using System.CommandLine;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Verbs;

internal static class TenantCreate
{
    public static Command Define(VerbRunner run)
    {
        var name = new Argument<string>("NAME") { Description = "1 to 64 letters (a to z), digits or '-'." };
        var journal = new Option<string[]>("--journal")
        {
            Description = "Address whose mail is archived for this tenant. May be given several times.",
            HelpName = "ADDRESS",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var domains = new Option<string[]>("--journal-domain")
        {
            Description = "Domain of which every address is this tenant's. May be given several times.",
            HelpName = "DOMAIN",
            AllowMultipleArgumentsPerToken = true,
        };
        var secondFactor = new Option<string?>("--second-factor")
        {
            Description = "Who needs one: by-role (all but plain users; when left out), everybody, or off (for trying "
                + "out; only where nobody but this machine can reach the server).",
            HelpName = "RULE",
        };
        secondFactor.AcceptOnlyFromAmong("by-role", "everybody", "off");
        var command = new Command("create", "Create a tenant with its keys and journal addresses.")
        {
            name, journal, domains, secondFactor,
        };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = call.AsOperator();
            var body = new
            {
                name = call.Parsed.GetValue(name), journalAddresses = call.Parsed.GetValue(journal),
                secondFactor = call.Parsed.GetValue(secondFactor), journalDomains = call.Parsed.GetValue(domains),
            };
            var made = await api.PostAsync<Tenant>("/v1/tenants", body, cancel);
            Show(call, made);
            return ExitCode.Ok;
        });
    }

    private static void Show(Invocation call, Answer<Tenant> made)
    {
        if (call.Json)
        {
            call.Say(made.Json);
            return;
        }
        call.Say($"Tenant {made.Value.Name} in region {made.Value.Region}.");
        foreach (var address in made.Value.JournalAddresses) call.Say($"  journal to {address}");
        foreach (var domain in made.Value.JournalDomains ?? []) call.Say($"  journal to any address of {domain}");
        foreach (var source in made.Value.Sources ?? []) SourceText.Show(call, source);
        call.Note($"Next: ama user create USER --tenant {made.Value.Name} --role tenant-admin");
    }
}
