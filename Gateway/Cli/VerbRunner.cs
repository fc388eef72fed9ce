using System.CommandLine;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli;

/// <summary>Runs a verb and turns whatever ends it into an exit code and a sentence.</summary>
internal sealed class VerbRunner(GlobalOptions options, Surroundings around)
{
    public delegate Task<ExitCode> Verb(Invocation invocation, CancellationToken cancel);

    /// <summary>Makes <paramref name="verb"/> what <paramref name="command"/> does.</summary>
    public Command Set(Command command, Verb verb)
    {
        command.SetAction(async (parsed, cancel) => (int)await RunAsync(new(parsed, options, around), verb, cancel));
        return command;
    }

    private async Task<ExitCode> RunAsync(Invocation invocation, Verb verb, CancellationToken cancel)
    {
        try
        {
            return await verb(invocation, cancel);
        }
        catch (CliException ended)
        {
            return ErrorOutput.Write(around, invocation.Json, ended);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return ErrorOutput.Write(around, invocation.Json, new(ExitCode.Failure, "Interrupted."));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ErrorOutput.Write(around, invocation.Json, new(ExitCode.Failure, exception.Message));
        }
        catch (Exception unforeseen)
        {
            around.Error.WriteLine(unforeseen.StackTrace);
            return ErrorOutput.Write(around, invocation.Json, new(ExitCode.Failure,
                $"{unforeseen.GetType().Name}: {unforeseen.Message}", "That is a mistake in ama; please report it."));
        }
    }
}
