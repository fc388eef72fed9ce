using System.CommandLine;
using System.Globalization;
using AMA.Archive.Retention;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama job …": what lets the back end open archived mail again, and how much of it.</summary>
internal static class JobGroup
{
    private const int PerMinuteDefault = 1_000;
    private const int PerMinuteMax = 1_000_000;

    public static Command Define(VerbRunner run) =>
        new("job", "Maintenance jobs of your tenant: within one, the back end may open archived mail again.")
        {
            Open(run), List(run), JobWait.Define(run), End(run),
        };

    private static Command Open(VerbRunner run)
    {
        var purpose = new Argument<string>("PURPOSE") { Description = "reindex, fsck-data or re-seal." };
        purpose.AcceptOnlyFromAmong("reindex", "fsck-data", "re-seal");
        var from = MonthOption("--from", "The oldest mail: the month in which it came in, such as 2026-03.");
        from.Required = true;
        var to = MonthOption("--to", "The newest mail. Otherwise the same month.");
        var rate = WholeNumber.Option(
            "--per-minute", $"How many records a minute; {PerMinuteDefault} when left out.", 1, PerMinuteMax);
        var hours = HoursOption("It ends by itself after so many hours");
        var command = new Command("open", "Open a job (as a tenant-admin).") { purpose, from, to, rate, hours };
        return run.Set(command, async (call, cancel) =>
        {
            var first = call.Parsed.GetRequiredValue(from);
            using var api = call.AsPerson();
            var opened = await api.PostAsync<Job>("/v1/jobs", new
            {
                purpose = call.Parsed.GetRequiredValue(purpose),
                firstEpoch = first,
                lastEpoch = call.Parsed.GetValue(to) ?? first,
                recordsPerMinute = call.Parsed.GetValue(rate) ?? PerMinuteDefault,
                endsAt = EndsAt(call, hours),
            }, cancel);
            call.Say(call.Json ? opened.Json : Text(opened.Value));
            return ExitCode.Ok;
        });
    }

    private static Command List(VerbRunner run) =>
        run.Set(new Command("list", "The tenant's jobs, newest first, ended ones too."), async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var jobs = await api.GetAsync<Jobs>("/v1/jobs", cancel);
            if (call.Json) call.Say(jobs.Json);
            else foreach (var job in jobs.Value.Items) call.Say(Text(job));
            if (jobs.Value.Items.Length == 0) call.Note("There are no jobs.");
            return ExitCode.Ok;
        });

    private static Command End(VerbRunner run)
    {
        var id = new Argument<string>("ID") { Description = "As 'ama job list' shows it." };
        return run.Set(new Command("end", "End a job at once (as a tenant-admin).") { id }, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var path = $"/v1/jobs/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(id))}";
            var ended = await api.DeleteAsync<Job>(path, cancel);
            call.Say(call.Json ? ended.Json : Text(ended.Value));
            return ExitCode.Ok;
        });
    }

    internal static Option<int?> HoursOption(string what) =>
        WholeNumber.Option("--hours", $"{what}: 1 to {HoursMax}, {HoursDefault} when left out.", 1, HoursMax);

    internal static DateTimeOffset EndsAt(Invocation call, Option<int?> hours) =>
        call.Around.Time.GetUtcNow().AddHours(call.Parsed.GetValue(hours) ?? HoursDefault);

    private const int HoursDefault = 24;

    /// <summary>A request travels for a moment: not to the last second of the 30 days that Control takes.</summary>
    private const int HoursMax = 30 * 24 - 1;

    internal static string Text(Job job) =>
        $"{job.Id}  {job.Purpose}  mail of {Month(job.FirstEpoch)} to {Month(job.LastEpoch)}  "
        + $"{job.RecordsPerMinute}/minute  {State(job)}  by {Printable.Of(job.OpenedBy)}  {job.RecordsOpened} records opened"
        + (job.Total > 0 ? $"  {job.Done} of {job.Total} done" : "")
        + (job.Open && job.Fault.Length > 0 ? $"  waits: {Printable.Of(job.Fault)}" : "");

    private static string State(Job job) => job switch
    {
        { FinishedAt: { } at } => $"finished {Time(at)}",
        { Open: true } => $"open until {Time(job.EndsAt)}",
        _ => $"ended, was to end {Time(job.EndsAt)}",
    };

    private static string Time(DateTimeOffset time) => $"{time.UtcDateTime:yyyy-MM-dd HH:mm}Z";

    /// <summary>People know when mail came in; the archive counts by the month in which it expires.</summary>
    internal static string Month(uint epoch)
    {
        var months = (int)epoch - RetentionPart.DefaultMonths;
        return string.Create(CultureInfo.InvariantCulture, $"{months / 12:0000}-{months % 12 + 1:00}");
    }

    internal static Option<uint?> MonthOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "MONTH",
        CustomParser = result =>
        {
            if (result.Tokens is [var token] && DateTimeOffset.TryParseExact(
                token.Value, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var month))
                return RetentionPart.EpochOf(month, RetentionPart.DefaultMonths);
            result.AddError($"{name} takes a month, such as 2026-03.");
            return null;
        },
    };
}
