using AMA.Gateway.Cli.Identity;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>Does what needs a code of the second factor only where there is one.</summary>
internal static class ProofDialog
{
    /// <param name="act">Takes the code; null at first.</param>
    public static async Task RunAsync(SecretAnswers answers, Func<string?, Task> act)
    {
        try
        {
            await act(null);
        }
        catch (CliException refused) when (refused.Problem == "second-factor-required")
        {
            await act(answers.Ask("Code of the second factor, or a recovery code:"));
        }
    }
}
