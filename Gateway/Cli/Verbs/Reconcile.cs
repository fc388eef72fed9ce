using System.CommandLine;
using System.Globalization;
using AMA.Gateway.Cli.Output;
using AMA.Gateway.Cli.Reconciling;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama reconcile": is what the mail server sent in the archive?</summary>
internal static class Reconcile
{
    private sealed record Symbols(
        Option<string[]> Postfix, Option<string[]> Exchange, Option<string[]> Relay, Option<string[]> Journal,
        Option<string?> Day, Option<string?> From, Option<string?> To);

    public static Command Define(VerbRunner run)
    {
        var symbols = new Symbols(
            Files("--postfix-log", "Postfix' log: rotated files oldest first, .gz too."),
            Files("--exchange-csv", "Message trace of Exchange Online, as CSV."),
            new("--relay") { Description = "Name or address of the archive's gateway in Postfix' log (part of it will do). "
                + "Left out: whoever answers with a receipt.", HelpName = "HOST" },
            new("--journal") { Description = "Journal address that Postfix sends copies to.", HelpName = "ADDRESS" },
            OneDay("--day", "Only messages that the log saw on this day (UTC)."),
            OneDay("--from", "Only from this day on."), OneDay("--to", "Only up to this day."));
        var command = new Command("reconcile",
            "Compare a mail server's log with the archive, and name each message that is missing (auditor). Exit code 0: all "
            + "are there, 1: some are missing; any other: it could not be compared.")
        {
            symbols.Postfix, symbols.Exchange, symbols.Relay, symbols.Journal, symbols.Day, symbols.From, symbols.To,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(symbols.Postfix) is null == result.GetResult(symbols.Exchange) is null)
                result.AddError("Give either --postfix-log or --exchange-csv.");
        });
        return run.Set(command, (call, cancel) => CompareAsync(call, symbols, cancel));
    }

    private static async Task<ExitCode> CompareAsync(Invocation call, Symbols symbols, CancellationToken cancel)
    {
        var postfix = call.Parsed.GetValue(symbols.Postfix) ?? [];
        var files = new LogFiles(postfix.Length > 0 ? postfix : call.Parsed.GetValue(symbols.Exchange) ?? []);
        var span = Span(call, symbols);
        using var api = call.AsPerson();
        var run = await OperationBar.ShowAsync(call, "reconciling", async tell =>
        {
            var run = new ReconcileRun(new(api), span, done => tell(new(done, files.Total, "")));
            await (postfix.Length > 0 ? run.PostfixAsync(files, Log(call, symbols), cancel) : run.ExchangeAsync(files, cancel));
            return run;
        });
        Say(call, run);
        return run.Missing.Count == 0 ? ExitCode.Ok : ExitCode.Failure;
    }

    private static PostfixLog Log(Invocation call, Symbols symbols) => new(
        new(call.Around.Time.GetUtcNow(), call.Around.Time.LocalTimeZone),
        new(call.Parsed.GetValue(symbols.Relay) ?? [], call.Parsed.GetValue(symbols.Journal) ?? []));

    private static void Say(Invocation call, ReconcileRun run)
    {
        if (call.Json)
        {
            call.Say(CliJson.Of(new
            {
                messages = run.Messages,
                there = run.Messages - run.Missing.Count,
                missing = run.Missing.Select(one => new
                {
                    time = one.Message.Time.UtcDateTime, queueId = one.Message.QueueId, messageId = one.Message.MessageId,
                    receipt = one.Message.Receipt, why = one.Why, detail = one.Message.Detail,
                }),
            }));
            return;
        }
        foreach (var (message, why) in run.Missing) call.Say(Line(message, why));
        call.Say(string.Create(CultureInfo.InvariantCulture,
            $"{run.Messages} messages in the log: {run.Messages - run.Missing.Count} there, {run.Missing.Count} missing"));
    }

    private static string Line(SentMessage message, string why)
    {
        var detail = message.Detail.Length > 0 ? $" ({message.Detail})" : "";
        var queue = message.QueueId.Length > 0 ? $"{message.QueueId}  " : "";
        return Printable.Of(string.Create(CultureInfo.InvariantCulture,
            $"missing: {message.Time:yyyy-MM-dd HH:mm:ss}Z  {queue}<{message.MessageId}>  {why}{detail}"));
    }

    private static DaySpan Span(Invocation call, Symbols symbols)
    {
        var day = Read(call, symbols.Day);
        return new(day ?? Read(call, symbols.From), day ?? Read(call, symbols.To));
    }

    private static DateOnly? Read(Invocation call, Option<string?> option)
    {
        if (call.Parsed.GetValue(option) is not { } text) return null;
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw new CliException(ExitCode.Usage, $"{option.Name} takes a day such as 2026-11-24.");
    }

    private static Option<string[]> Files(string name, string description) => new(name)
    {
        Description = description, HelpName = "FILE", AllowMultipleArgumentsPerToken = true,
    };

    private static Option<string?> OneDay(string name, string description) =>
        new(name) { Description = description, HelpName = "DAY" };
}
