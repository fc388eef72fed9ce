using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Identity;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama control …": what an operator does on Control's own machine (docs/control.md).</summary>
internal sealed class ControlGroup
{
    private readonly Option<string?> _socket = new("--socket")
    {
        Description = "Control's admin socket. Otherwise control/admin.sock in the data directory.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static Command Define(VerbRunner run)
    {
        var group = new ControlGroup();
        var command = new Command("control", "Control, on its own machine (with the operator token).")
        {
            group._socket,
            ControlStatus.Define(run, group),
            ControlAudit.Define(run, group),
            ControlRoot.Define(run, group),
            ControlEnroll.Define(run, group),
            ControlEnroll.DefineExpel(run, group),
            ControlRecovery.Define(run, group),
            ControlRotate.Define(run, group),
            ControlToken.Define(run, group),
        };
        foreach (var verb in ControlRevoke.Define(run, group)) command.Add(verb);
        return command;
    }

    /// <summary>For what shows or changes something: with the operator token.</summary>
    public ArchiveApi AsOperator(Invocation call) =>
        ControlSocket.Open(PathOf(call), OperatorTokenFile.Read(call.OperatorTokenPath));

    /// <summary>For recovery, when there may be no token to check.</summary>
    public ArchiveApi Anonymous(Invocation call) => ControlSocket.Open(PathOf(call), null);

    private string PathOf(Invocation call) =>
        call.Parsed.GetValue(_socket) ?? Path.Combine(call.DataDirectory, "control", "admin.sock");
}
