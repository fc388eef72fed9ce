using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

internal static class Get
{
    public static Command Define(VerbRunner run)
    {
        var id = new Argument<string>("ID") { Description = "The message's id, from 'ama search'." };
        var raw = new Option<bool>("--raw") { Description = "The bytes as they were received, unchanged." };
        var file = new Option<string?>("--output", "-o") { Description = "Write to this file.", HelpName = "FILE" };
        var command = new Command("get", "Read a message.") { id, raw, file };
        return run.Set(command, async (call, cancel) =>
        {
            var path = $"/v1/messages/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(id))}";
            if (call.Parsed.GetValue(raw)) await CopyRawAsync(call, path + "/raw", call.Parsed.GetValue(file), cancel);
            else await ShowAsync(call, path, call.Parsed.GetValue(file), cancel);
            return ExitCode.Ok;
        });
    }

    private static async Task CopyRawAsync(Invocation call, string path, string? file, CancellationToken cancel)
    {
        if (file is null && call.Around.OutIsTerminal)
            throw new CliException(ExitCode.Usage, "A stranger's raw mail can hold codes that your terminal obeys.",
                "Write it to a file (-o FILE) or pipe it on.");
        using var api = call.AsPerson();
        if (file is null)
        {
            await using var output = call.Around.OutBytes();
            await api.CopyAsync(path, output, cancel);
            return;
        }
        await WholeFile.WriteAsync(file, destination => api.CopyAsync(path, destination, cancel));
        call.Note($"{file}: {new FileInfo(file).Length} bytes.");
    }

    private static async Task ShowAsync(Invocation call, string path, string? file, CancellationToken cancel)
    {
        using var api = call.AsPerson();
        var message = await api.GetAsync<Message>(path, cancel);
        var text = call.Json ? message.Json : MessageText.Of(message.Value);
        if (file is null) call.Say(text);
        else await WholeFile.WriteAsync(file, async destination =>
        {
            await using var writer = new StreamWriter(destination, leaveOpen: true);
            await writer.WriteLineAsync(text);
        });
    }
}
