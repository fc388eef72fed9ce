using System.CommandLine;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama control token rotate": another operator token, after a leak or when an operator leaves.</summary>
internal static class ControlToken
{
    public static Command Define(VerbRunner run, ControlGroup control)
    {
        var rotate = new Command("rotate", "Make another operator token. The one in use is worth nothing from then on.");
        run.Set(rotate, async (call, cancel) =>
        {
            using var api = control.AsOperator(call);
            var done = await api.PostAsync<NewToken>("/v1/token/rotate", new { }, cancel);
            call.Say(call.Json ? done.Json : $"The new operator token is in {Printable.Of(done.Value.File!)}.");
            call.Note("Give it to every operator and service that has a copy of the old one, which is refused now.");
            return ExitCode.Ok;
        });
        return new Command("token", "The operator token.") { rotate };
    }
}

internal sealed record NewToken(string? File);
