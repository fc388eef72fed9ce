using System.CommandLine;
using AMA.Gateway.Cli.Sending;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>Delivers stored mail over SMTP, always inside TLS.</summary>
internal static class Send
{
    public static Command Define(VerbRunner run)
    {
        var symbols = new SendSymbols();
        var command = new Command("send", "Deliver messages to an SMTP server over TLS: .eml, mbox, Maildir, "
            + "tar and tar.gz of them, and folders.");
        symbols.AddTo(command);
        return run.Set(command, (call, cancel) => SendAsync(call, symbols, cancel));
    }

    private static async Task<ExitCode> SendAsync(Invocation call, SendSymbols symbols, CancellationToken cancel)
    {
        var order = symbols.Read(call);
        var receiptPath = call.Parsed.GetValue(symbols.Receipts);
        using var receipts = receiptPath is null ? null : new ReceiptFile(receiptPath);
        var tally = new SendTally();
        var failures = new FailureLines(call);
        var sender = new Sender(order, tally, outcome =>
        {
            receipts?.Add(outcome);
            failures.Add(outcome);
        }, call.Around.Time);

        var start = call.Around.Time.GetTimestamp();
        try
        {
            var complete = call.Around.ErrorIsTerminal && !call.Json
                ? await new SendProgress(order, tally, call.Around).WatchAsync(sender.RunAsync, cancel)
                : await sender.RunAsync(cancel);
            if (!complete) call.Note("Stopped: the server has been away for too long. The rest was not tried.");
        }
        finally
        {
            // Also after Ctrl-C or a broken source: what has been delivered is a fact.
            failures.Tell();
            call.Say(SendSummary.Of(tally, call.Around.Time.GetElapsedTime(start), call.Json));
        }
        return SendSummary.CodeOf(tally);
    }
}
