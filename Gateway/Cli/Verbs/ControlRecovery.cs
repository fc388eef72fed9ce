using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Identity;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>
/// "ama control recovery create | drill | restore": five papers of which three bring Control back. Shares are typed or
/// piped in, one a line; they never stand in arguments or files of ours.
/// </summary>
internal static class ControlRecovery
{
    private const int SharesNeeded = 3;
    private const int ShareCharsMax = 200;

    public static Command Define(VerbRunner run, ControlGroup control) =>
        new("recovery", "The way back when key roots or stores are lost (docs/control.md).")
        {
            Create(run, control), Drill(run, control), Restore(run, control),
        };

    private static Command Create(VerbRunner run, ControlGroup control)
    {
        var toOutput = new Option<bool>("--to-output")
        {
            Description = "Write the shares to a standard output that is no terminal. They are keys: they belong on paper.",
        };
        var command = new Command(
            "create", "New shares, shown once. They count when you have typed each one's checksum back.") { toOutput };
        return run.Set(command, async (call, cancel) =>
        {
            RefuseFiles(call, call.Parsed.GetValue(toOutput));
            using var api = control.AsOperator(call);
            var shares = (await api.PostTextAsync("/v1/recovery/begin", "", cancel))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries);
            call.Note($"Any {SharesNeeded} of these {shares.Length} shares give back all of Control's keys but the "
                + "erasable ones. Write each on its own paper,");
            call.Note("for a different person and place. They are not shown again.");
            for (var i = 0; i < shares.Length; i++) call.Say($"{i + 1}  {shares[i]}");
            var checksums = new List<string>();
            for (var i = 0; i < shares.Length; i++)
                checksums.Add(Line(call, $"Checksum of share {i + 1}, the last two groups on the paper: ",
                    $"The checksum of share {i + 1} is missing: nothing has changed, older shares still count."));
            await api.PostTextAsync("/v1/recovery/confirm", new { checksums }, cancel);
            call.Note("The shares count now; older ones don't. Try them: ama control recovery drill");
            return ExitCode.Ok;
        });
    }

    /// <summary>A share in a file or a log is a share that anybody may find.</summary>
    private static void RefuseFiles(Invocation call, bool toOutput)
    {
        if (call.Json)
            throw new CliException(ExitCode.Usage, "Shares are shown to people, not given out as JSON.",
                "Leave --json out, and run this on a terminal.");
        if (!call.Around.OutIsTerminal && !toOutput)
            throw new CliException(ExitCode.Usage, "Standard output is no terminal: the shares would land in a file or a pipe.",
                "Run this on a terminal, or say --to-output where that is meant.");
    }

    private static Command Drill(VerbRunner run, ControlGroup control) => run.Set(
        new Command("drill", "Prove that three shares open the newest keys. Changes nothing; due once a year."),
        async (call, cancel) =>
        {
            using var api = control.AsOperator(call);
            await api.PostTextAsync("/v1/recovery/drill", Shares(call), cancel);
            call.Note("The shares open what there is. The drill is on record.");
            return ExitCode.Ok;
        });

    private static Command Restore(VerbRunner run, ControlGroup control)
    {
        var withShares = new Option<bool>("--with-shares")
        {
            Description = "Three shares, for when no key root opens the region's root key any more.",
        };
        var command = new Command("restore",
            "Bring Control back from its off-site backup. Only while Control waits in recovery mode.") { withShares };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = control.Anonymous(call);
            var shares = call.Parsed.GetValue(withShares) ? Shares(call) : "";
            var answer = await api.PostTextAsync<RestoreAnswer>("/v1/recovery/restore", shares, cancel);
            if (call.Json) call.Say(answer.Json);
            else Show(call, answer.Value);
            return answer.Value.Lost.Length == 0 ? ExitCode.Ok : ExitCode.Failure;
        });
    }

    private static void Show(Invocation call, RestoreAnswer answer)
    {
        call.Say(answer.Generation == 0
            ? "The region's root key is wrapped again under the key roots there are."
            : $"{answer.Blobs} blobs are back; this is restore {answer.Generation}.");
        if (answer.Lost.Length > 0)
            call.Say($"LOST FOR GOOD: {answer.Lost.Length} states of tenants' and queue keys, which no key root opens.");
        call.Note("Control starts again by itself. Each tenant's erasures are replayed before its first lease.");
    }

    private static string Shares(Invocation call)
    {
        var shares = new List<string>();
        for (var i = 1; i <= SharesNeeded; i++) shares.Add(Line(
            call, $"Share {i} of {SharesNeeded}: ", $"Share {i} of {SharesNeeded} is missing."));
        return string.Join('\n', shares);
    }

    /// <summary>Asked for on a terminal without echo; from a pipe, the next line.</summary>
    private static string Line(Invocation call, string question, string missing)
    {
        var line = call.Around.InIsTerminal
            ? SecretInput.FromTerminal(question, call.Around)
            : call.Around.In.ReadLine() ?? "";
        return line.Trim() is { Length: > 0 and <= ShareCharsMax } trimmed
            ? trimmed
            : throw new CliException(ExitCode.Usage, missing, "They are typed, or piped in, one a line.");
    }
}

/// <param name="Lost">Names of blobs.</param>
internal sealed record RestoreAnswer(int Blobs, string[] Lost, uint Generation, bool WithShares);
