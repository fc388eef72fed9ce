using System.CommandLine;
using System.Globalization;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama reconciliation …": what was accepted on which day, and what became of it.</summary>
internal static class ReconciliationGroup
{
    public static Command Define(VerbRunner run) =>
        new("reconciliation", "What was accepted on which day (UTC), and what became of it.") { List(run), Get(run) };

    private static Command List(VerbRunner run) => run.Set(
        new Command("list", "Days with their totals, newest first (auditor, tenant-admin)."), async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var days = await api.GetAsync<Reconciliations>("/v1/reconciliations", cancel);
            if (call.Json) call.Say(days.Json);
            else
                foreach (var day in days.Value.Items) call.Say(Line(day));
            return ExitCode.Ok;
        });

    private static Command Get(VerbRunner run)
    {
        var day = new Argument<string>("DAY") { Description = "2026-11-24; today's is provisional." };
        var file = new Option<string?>("--out", "-o") { Description = "Write to this file.", HelpName = "FILE" };
        var command = new Command("get", "One day's file: a line for each delivery (auditor).") { day, file };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var path = $"/v1/reconciliations/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(day))}";
            if (call.Parsed.GetValue(file) is { } name)
            {
                await WholeFile.WriteAsync(name, destination => api.CopyAsync(path, destination, cancel));
                call.Note($"{name}: {new FileInfo(name).Length} bytes.");
                return ExitCode.Ok;
            }
            await using var output = call.Around.OutBytes();
            await api.CopyAsync(path, output, cancel);
            return ExitCode.Ok;
        });
    }

    private static string Line(Reconciliation day) => string.Create(CultureInfo.InvariantCulture,
        $"{day.Day}  {day.State,-11}  {day.Accepted} accepted = {day.Archived} archived + {day.Duplicates} duplicates + "
        + $"{day.Quarantined} quarantined + {day.Waiting} waiting");
}

/// <summary>The whole file or none: half of one must not lie around looking like a whole one.</summary>
internal static class WholeFile
{
    public static async Task WriteAsync(string file, Func<Stream, Task> write)
    {
        var destination = new FileStream(file, FileMode.Create, FileAccess.Write);
        try
        {
            await using (destination) await write(destination);
        }
        catch
        {
            File.Delete(file);
            throw;
        }
    }
}
