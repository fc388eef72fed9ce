using System.CommandLine;
using System.Globalization;
using AMA.Gateway.Cli.Output;
using AMA.Gateway.Cli.Sending;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama canary": does mail that takes this way arrive?</summary>
internal static class Canary
{
    private const int TimeoutDefault = 120;
    private const int TimeoutMax = 24 * 3600;

    public static Command Define(VerbRunner run)
    {
        var symbols = new SendSymbols();
        var via = new Option<string?>("--via")
        {
            Description = "Your own mail server: the canary takes the way of all mail, and the journal rule is checked too. "
                + "--to is then an address whose mail is journaled. Left out: straight to the gateway, --to a journal address.",
            HelpName = "HOST:PORT",
        };
        var timeout = WholeNumber.Option("--timeout", $"Seconds to wait; {TimeoutDefault} when left out.", 1, TimeoutMax, "SECONDS");
        var quiet = new Option<bool>("--quiet") { Description = "One line, for cron and monitoring." };
        var command = new Command("canary",
            "Send a marked, harmless message and wait until the archive finds it. Exit code 0: it arrived, 1: it was refused or "
            + "did not arrive in time; any other: it could not be tried.") { via, timeout, quiet };
        symbols.AddRouteTo(command);
        return run.Set(command, (call, cancel) => FlyAsync(
            call, symbols.ReadRoute(call, call.Parsed.GetValue(via)),
            TimeSpan.FromSeconds(call.Parsed.GetValue(timeout) ?? TimeoutDefault), call.Parsed.GetValue(quiet), cancel));
    }

    private static async Task<ExitCode> FlyAsync(
        Invocation call, SendOrder order, TimeSpan limit, bool quiet, CancellationToken cancel)
    {
        using var api = call.AsPerson();
        var canary = CanaryMessage.New(order.From, order.Recipients[0], call.Around.Time.GetUtcNow(), call.Around.Random);
        var flight = new CanaryFlight(api, call.Around.Time);
        var times = await flight.FlyAsync(canary, order, limit, cancel);
        call.Say(call.Json ? Json(canary, flight, times) : quiet ? Line(canary, times, limit) : Lines(canary, flight, times));
        if (times.Searchable is not null) return ExitCode.Ok;
        if (!quiet && !call.Json) call.Note(Advice(flight, times, limit));
        return ExitCode.Failure;
    }

    private static string Json(CanaryMessage canary, CanaryFlight flight, CanaryTimes times) => CliJson.Of(new
    {
        canary = canary.Id, receipt = flight.Receipt, arrived = times.Searchable is not null,
        acceptedSeconds = times.Accepted.TotalSeconds, archivedSeconds = times.Archived?.TotalSeconds,
        searchableSeconds = times.Searchable?.TotalSeconds,
    });

    private static string Line(CanaryMessage canary, CanaryTimes times, TimeSpan limit) => times.Searchable is null
        ? $"canary {canary.Id} did not arrive in {limit.TotalSeconds:0} s: accepted {Text(times.Accepted)}, archived {Text(times.Archived)}"
        : $"canary {canary.Id} arrived: accepted {Text(times.Accepted)}, archived {Text(times.Archived)}, searchable {Text(times.Searchable)}";

    private static string Lines(CanaryMessage canary, CanaryFlight flight, CanaryTimes times) => string.Join('\n',
        $"canary      {canary.Id}",
        $"answer      {Printable.Of(flight.Reply)}",
        $"accepted    {Text(times.Accepted)}",
        $"archived    {Text(times.Archived)}",
        $"searchable  {Text(times.Searchable)}");

    private static string Text(TimeSpan? after) =>
        after is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.000} s") : "no";

    private static string Advice(CanaryFlight flight, CanaryTimes times, TimeSpan limit) => (flight.Receipt, times.Archived) switch
    {
        (_, not null) => "It is archived, but no search finds it yet: see 'ama status'.",
        ({ } receipt, null) => $"The archive has it, but not archived it in {limit.TotalSeconds:0} s: 'ama receipt {receipt}' says "
            + "what it waits for.",
        _ => "Your mail server took it, and no copy came: is its journal rule (always_bcc) on for this address, does its queue "
            + "hold the copy, and may the person signed in see it?",
    };
}
