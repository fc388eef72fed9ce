using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Identity;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

internal static class Status
{
    private const int WaitSecondsDefault = 600;
    private const int WaitSecondsMax = 7 * 24 * 3600;

    /// <summary>Short against the time a segment takes, long against what an answer costs.</summary>
    internal static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    public static Command Define(VerbRunner run)
    {
        var region = new Option<bool>("--region") { Description = "The whole region, with the operator token." };
        var wait = new Option<bool>("--wait-drained")
        {
            Description = "Wait until nothing is in the spool and all that is archived is indexed.",
        };
        var timeout = WholeNumber.Option("--timeout",
            $"With --wait-drained: seconds to wait, {WaitSecondsDefault} when left out.", 1, WaitSecondsMax, "SECONDS");
        var command = new Command("status",
            "Counters of your tenant (signed in) or of the region (operator).") { region, wait, timeout };
        return run.Set(command, (call, cancel) =>
        {
            var seconds = call.Parsed.GetValue(wait) ? call.Parsed.GetValue(timeout) ?? WaitSecondsDefault : (int?)null;
            return ShowAsync(call, Api(call, call.Parsed.GetValue(region)), seconds, cancel);
        });
    }

    /// <summary>Whoever is signed in sees their tenant; an operator, who seldom is, the region.</summary>
    private static ArchiveApi Api(Invocation call, bool region)
    {
        if (region) return call.AsOperator();
        if (call.TryAsPerson() is { } person) return person;
        return OperatorTokenFile.Exists(call.OperatorTokenPath) ? call.AsOperator() : call.AsPerson();
    }

    private static async Task<ExitCode> ShowAsync(
        Invocation call, ArchiveApi api, int? waitSeconds, CancellationToken cancel)
    {
        using (api)
        {
            var status = waitSeconds is { } seconds
                ? await DrainedAsync(call, api, TimeSpan.FromSeconds(seconds), cancel)
                : await AskAsync(api, cancel);
            call.Say(call.Json ? status.Json : CountersText.Of(status.Value));
            return ExitCode.Ok;
        }
    }

    private static Task<Answer<Counters>> AskAsync(ArchiveApi api, CancellationToken cancel) =>
        api.GetAsync<Counters>("/v1/status", cancel);

    private static async Task<Answer<Counters>> DrainedAsync(
        Invocation call, ArchiveApi api, TimeSpan limit, CancellationToken cancel)
    {
        var time = call.Around.Time;
        for (var start = time.GetTimestamp();;)
        {
            var (status, away) = await TryAskAsync(api, cancel);
            if (status is { Value.Drained: true }) return status;
            if (time.GetElapsedTime(start) >= limit) throw away ?? NotDrained(status!.Value, limit);
            await Task.Delay(PollInterval, time, cancel);
        }
    }

    /// <summary>A server that restarts meanwhile is part of waiting; everything else ends it.</summary>
    private static async Task<(Answer<Counters>? Status, CliException? Away)> TryAskAsync(
        ArchiveApi api, CancellationToken cancel)
    {
        try
        {
            return (await AskAsync(api, cancel), null);
        }
        catch (CliException away) when (away.Code == ExitCode.TryAgain)
        {
            return (null, away);
        }
    }

    private static CliException NotDrained(Counters counters, TimeSpan limit) => new(ExitCode.Failure,
        $"Not drained after {limit.TotalSeconds:0} s: {counters.Spool.Entries} in the spool, "
        + $"{counters.Archived} archived, {counters.Indexed} indexed, lease {Printable.Of(counters.Lease.State)}.");
}
