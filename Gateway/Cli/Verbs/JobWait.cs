using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama job wait": until a job has ended, with a bar.</summary>
internal static class JobWait
{
    public static Command Define(VerbRunner run)
    {
        var id = new Argument<string>("ID") { Description = "As 'ama job list' shows it." };
        var command = new Command("wait", "Wait until a job has ended, and show how far it is.") { id };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var wanted = call.Parsed.GetRequiredValue(id);
            var job = await OperationBar.ShowAsync(call, wanted, show => UntilEndAsync(call, api, wanted, show, cancel));
            if (!call.Json) call.Say(JobGroup.Text(job));
            if (job.FinishedAt is null)
                throw new CliException(
                    ExitCode.Failure, $"The job ended before it was finished{Why(job)}.",
                    "Open another: it goes on where this one stopped.");
            return ExitCode.Ok;
        });
    }

    private static async Task<Job> UntilEndAsync(
        Invocation call, ArchiveApi api, string id, Action<ProgressLine> show, CancellationToken cancel)
    {
        while (true)
        {
            var jobs = await api.GetAsync<Jobs>("/v1/jobs", cancel);
            var job = Array.Find(jobs.Value.Items, job => job.Id == id)
                ?? throw new CliException(ExitCode.Failure, "There is no such job.", "'ama job list' shows them.");
            show(new(job.Done, job.Total > 0 ? job.Total : null, Note(job)));
            if (!job.Open) return job;
            await Task.Delay(Status.PollInterval, call.Around.Time, cancel);
        }
    }

    private static string Note(Job job) => job switch
    {
        { Open: false } => "ended",
        { Fault.Length: > 0 } => $"waits: {job.Fault}",
        { Total: > 0 } => "under way",
        _ => "not begun",
    };

    private static string Why(Job job) => job.Fault.Length > 0 ? $": {Printable.Of(job.Fault).TrimEnd('.')}" : "";
}
