using System.CommandLine;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

internal static class TenantSecondFactor
{
    public static Command Define(VerbRunner run)
    {
        var rule = new Argument<string>("RULE") { Description = "by-role (all but plain users), everybody, or off." };
        rule.AcceptOnlyFromAmong("by-role", "everybody", "off");
        var keeper = new KeeperOptions();
        var command = new Command("second-factor", "Say who of a tenant needs a second factor.") { rule };
        keeper.AddTo(command);
        return run.Set(command, async (call, cancel) =>
        {
            using var api = keeper.Open(call, out var path, out var tenant);
            var secondFactor = call.Parsed.GetRequiredValue(rule);
            await api.DoAsync(HttpMethod.Put, $"{path}/second-factor", new { secondFactor }, cancel);
            call.Say(call.Json ? CliJson.Of(new { tenant, secondFactor }) : $"Second factor at {tenant}: {secondFactor}.");
            return ExitCode.Ok;
        });
    }
}
