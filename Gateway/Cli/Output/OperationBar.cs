using AMA.Gateway.Cli.Api;
using Spectre.Console;

namespace AMA.Gateway.Cli.Output;

/// <summary>A bar on the terminal while a long operation runs; elsewhere a line for every note that is new.</summary>
internal static class OperationBar
{
    /// <param name="run">The operation; it is given what to call with each line.</param>
    public static async Task<T> ShowAsync<T>(
        Invocation call, string title, Func<Action<ProgressLine>, Task<T>> run)
    {
        if (call.Json) return await run(_ => { });
        if (!call.Around.ErrorIsTerminal) return await run(Lines(call));
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(call.Around.Error) });
        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn())
            .StartAsync(context =>
            {
                var bar = context.AddTask(title);
                bar.IsIndeterminate = true;
                return run(line => Show(bar, title, line));
            });
    }

    private static void Show(ProgressTask bar, string title, ProgressLine line)
    {
        bar.Description = Markup.Escape(line.Note.Length > 0 ? $"{title}: {Printable.Of(line.Note)}" : title);
        if (line.Total is { } total) (bar.IsIndeterminate, bar.MaxValue) = (false, Math.Max(total, 1));
        bar.Value = line.Done;
    }

    private static Action<ProgressLine> Lines(Invocation call)
    {
        var last = "";
        return line =>
        {
            if (line.Note == last || line.Note.Length == 0) return;
            last = line.Note;
            var total = line.Total is { } number ? $" of {number}" : "";
            call.Note($"{Printable.Of(line.Note)} ({line.Done}{total})");
        };
    }
}
