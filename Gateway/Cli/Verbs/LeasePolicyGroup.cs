using System.CommandLine;
using System.Globalization;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama lease-policy …": how long the archive may hold the tenant's keys before it asks again.</summary>
internal static class LeasePolicyGroup
{
    private const string AsTheRegion = "default";

    public static Command Define(VerbRunner run) =>
        new("lease-policy", "How long leases of your tenant's keys last.") { Show(run), Set(run) };

    private static Command Show(VerbRunner run) =>
        run.Set(new Command("show", "What holds now (as a tenant-admin or auditor)."), async (call, cancel) =>
        {
            using var api = call.AsPerson();
            Say(call, await api.GetAsync<LeasePolicy>("/v1/lease-policy", cancel));
            return ExitCode.Ok;
        });

    private static Command Set(VerbRunner run)
    {
        var ttl = new Argument<string>("SECONDS")
        {
            Description = $"900 to 28,800, without the comma; '{AsTheRegion}' for as the region has it.",
        };
        var command = new Command("set", "Set it (as a tenant-admin). Shorter: the archive asks Control more often.") { ttl };
        return run.Set(command, async (call, cancel) =>
        {
            var ttlSeconds = Seconds(call.Parsed.GetRequiredValue(ttl));
            using var api = call.AsPerson();
            Say(call, await api.PutAsync<LeasePolicy>("/v1/lease-policy", new { ttlSeconds }, cancel));
            return ExitCode.Ok;
        });
    }

    private static int? Seconds(string text) => text == AsTheRegion
        ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : throw new CliException(
                ExitCode.Usage, $"'{text}' is not a number of seconds.", $"900 to 28800, or '{AsTheRegion}'.");

    private static void Say(Invocation call, Answer<LeasePolicy> policy)
    {
        if (call.Json) call.Say(policy.Json);
        else if (policy.Value.TtlSeconds is { } own)
            call.Say($"{Math.Min(own, policy.Value.RegionTtlSeconds)} s: the tenant wants {own} s, "
                + $"the region allows {policy.Value.RegionTtlSeconds} s.");
        else call.Say($"{policy.Value.RegionTtlSeconds} s, as the region has it.");
    }
}
